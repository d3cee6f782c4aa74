
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * The operations: their addresses, names, rates, and what they fail with.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sfu_kvs.h>


/* in the order of ngx_sfu_kvs_call_e */

ngx_str_t  ngx_sfu_kvs_names[] = {
    ngx_string("-"),
    ngx_string("preflight"),
    ngx_string("ConnectAsMaster"),
    ngx_string("ConnectAsViewer"),
    ngx_string("ListSignalingChannels"),
    ngx_string("CreateSignalingChannel"),
    ngx_string("DescribeSignalingChannel"),
    ngx_string("UpdateSignalingChannel"),
    ngx_string("DeleteSignalingChannel"),
    ngx_string("GetSignalingChannelEndpoint"),
    ngx_string("TagResource"),
    ngx_string("UntagResource"),
    ngx_string("ListTagsForResource"),
    ngx_string("DescribeMediaStorageConfiguration"),
    ngx_string("UpdateMediaStorageConfiguration"),
    ngx_string("GetIceServerConfig"),
    ngx_string("SendAlexaOfferToMaster"),
    ngx_string("JoinStorageSession"),
    ngx_string("JoinStorageSessionAsViewer")
};


ngx_sfu_kvs_op_t  ngx_sfu_kvs_ops[] = {

    { ngx_null_string, NULL, NULL, 0, 0, NULL, NULL },

    { ngx_null_string, NULL, NULL, 0, 0, NULL, NULL },

    { ngx_null_string, NULL, NULL, 0, 0, NULL, NULL },

    { ngx_null_string, NULL, NULL, 0, 0, NULL, NULL },

    { ngx_string("listSignalingChannels"),
      NULL,
      NULL,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_NO_RATE,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_limit },

    { ngx_string("createSignalingChannel"),
      ngx_sfu_kvs_create_request,
      ngx_sfu_kvs_create_response,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_NO_RATE,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_channel_limit },

    { ngx_string("describeSignalingChannel"),
      ngx_sfu_kvs_describe_request,
      ngx_sfu_kvs_describe_response,
      NGX_SFU_KVS_RATE_READ, NGX_SFU_KVS_RATE_CHANNEL,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_limit },

    { ngx_string("updateSignalingChannel"),
      ngx_sfu_kvs_update_request,
      ngx_sfu_kvs_done_response,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_RATE_CHANNEL,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_limit },

    { ngx_string("deleteSignalingChannel"),
      ngx_sfu_kvs_delete_request,
      ngx_sfu_kvs_done_response,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_RATE_CHANNEL,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_limit },

    { ngx_string("getSignalingChannelEndpoint"),
      ngx_sfu_kvs_endpoint_request,
      ngx_sfu_kvs_endpoint_response,
      NGX_SFU_KVS_RATE_READ, NGX_SFU_KVS_NO_RATE,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_limit },

    { ngx_string("TagResource"),
      ngx_sfu_kvs_tag_request,
      ngx_sfu_kvs_done_response,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_RATE_CHANNEL,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_tag_limit },

    { ngx_string("UntagResource"),
      ngx_sfu_kvs_untag_request,
      ngx_sfu_kvs_done_response,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_RATE_CHANNEL,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_tag_limit },

    { ngx_string("ListTagsForResource"),
      ngx_sfu_kvs_tags_request,
      ngx_sfu_kvs_tags_response,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_RATE_CHANNEL,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_limit },

    { ngx_string("describeMediaStorageConfiguration"),
      ngx_sfu_kvs_describe_request,
      ngx_sfu_kvs_storage_response,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_RATE_CHANNEL,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_limit },

    { ngx_string("updateMediaStorageConfiguration"),
      ngx_sfu_kvs_update_storage_request,
      ngx_sfu_kvs_done_response,
      NGX_SFU_KVS_RATE_CHANGE, NGX_SFU_KVS_RATE_CHANNEL,
      &ngx_sfu_kvs_denied,
      &ngx_sfu_kvs_limit },

    { ngx_string("v1/get-ice-server-config"),
      ngx_sfu_kvs_ice_request,
      ngx_sfu_kvs_ice_response,
      NGX_SFU_KVS_NO_RATE, NGX_SFU_KVS_RATE_ICE,
      &ngx_sfu_kvs_not_authorized,
      &ngx_sfu_kvs_limit },

    { ngx_string("v1/send-alexa-offer-to-master"),
      ngx_sfu_kvs_alexa_request,
      ngx_sfu_kvs_alexa_response,
      NGX_SFU_KVS_NO_RATE, NGX_SFU_KVS_RATE_ALEXA,
      &ngx_sfu_kvs_not_authorized,
      &ngx_sfu_kvs_limit },

    { ngx_string("joinStorageSession"),
      ngx_sfu_kvs_join_request,
      ngx_sfu_kvs_join_response,
      NGX_SFU_KVS_NO_RATE, NGX_SFU_KVS_RATE_JOIN,
      &ngx_sfu_kvs_forbidden,
      &ngx_sfu_kvs_limit },

    { ngx_string("joinStorageSessionAsViewer"),
      ngx_sfu_kvs_join_request,
      ngx_sfu_kvs_join_response,
      NGX_SFU_KVS_NO_RATE, NGX_SFU_KVS_RATE_JOIN,
      &ngx_sfu_kvs_forbidden,
      &ngx_sfu_kvs_limit }
};
