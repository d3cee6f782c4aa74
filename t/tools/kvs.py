# AWS's SDK for Python at a server of ours: kvs.py ENDPOINT, see t/kvs_python.t.
# Prints a line for each thing that it has seen, and a presigned URL.

import sys

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
credentials = Credentials('AKIADEMO', 'demo-secret')
session = botocore.session.get_session()


def client(service, path='', **more):
    return session.create_client(
        service, region_name='us-east-1', endpoint_url=endpoint + path,
        **{'aws_access_key_id': 'AKIADEMO',
           'aws_secret_access_key': 'demo-secret', **more})


def error(call, **parameters):
    try:
        call(**parameters)
    except ClientError as e:
        return '%s %s' % (e.response['ResponseMetadata']['HTTPStatusCode'],
                          e.response['Error']['Code'])

    return 'none'


video = client('kinesisvideo')
arn = video.create_signaling_channel(
    ChannelName='python', Tags=[{'Key': 'a', 'Value': 'b'}])['ChannelARN']
info = video.describe_signaling_channel(ChannelName='python')['ChannelInfo']

print('created', info['ChannelARN'] == arn, type(info['CreationTime']).__name__,
      info['SingleMasterConfiguration'])
print('tags', video.list_tags_for_resource(ResourceARN=arn)['Tags'])

pages = video.get_paginator('list_signaling_channels').paginate(
    PaginationConfig={'PageSize': 1})
print('listed', [c['ChannelName'] for p in pages
                 for c in p['ChannelInfoList']])

wss = video.get_signaling_channel_endpoint(
    ChannelARN=arn, SingleMasterChannelEndpointConfiguration={
        'Protocols': ['WSS'], 'Role': 'VIEWER',
    })['ResourceEndpointList'][0]['ResourceEndpoint']
print('endpoint', wss.endswith('/kvs/v'))
print('ice', client('kinesis-video-signaling', '/r').get_ice_server_config(
    ChannelARN=arn)['IceServerList'])

print('exists', error(video.create_signaling_channel, ChannelName='python'))
print('unknown', error(video.describe_signaling_channel, ChannelName='x'))
print('name', error(video.create_signaling_channel, ChannelName='a+b'))
print('version', error(video.delete_signaling_channel, ChannelARN=arn,
                       CurrentVersion='old'))
print('account', error(video.delete_signaling_channel,
                       ChannelARN=arn.replace('1234', '4321')))
print('secret', error(client('kinesisvideo', aws_secret_access_key='x')
                      .list_signaling_channels))

request = AWSRequest('GET', wss, params={'X-Amz-ChannelARN': arn,
                                         'X-Amz-ClientId': 'snake.1'})
SigV4QueryAuth(credentials, 'kinesisvideo', 'us-east-1', 299).add_auth(request)
print('url', request.prepare().url)
