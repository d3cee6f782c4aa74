/*
 * ice/agent_test.c
 * Copyright (C) the ngx_sfu_module authors
 */

#include "ice/agent.h"
#include "test/tap.h"

static struct address
address(uint16_t port)
{
    struct address a;

    address_parse(&a, "192.0.2.1", port);

    return a;
}

/* whether another pair is selected after it */
static bool
check(struct ice_agent *agent, struct ice_generation *by, uint16_t port,
      bool nominate, usec_t now)
{
    struct address remote = address(port);
    struct address local = address(10000);
    struct ice_pair *before = agent->selected;

    ice_agent_checked(agent, by, &remote, &local, NULL, nominate, now);

    return agent->selected != before;
}

/* the local port stands for one of several addresses of ours */
static uint16_t
local_after(struct ice_agent *agent, uint16_t port, uint16_t local_port,
            bool nominate)
{
    struct address remote = address(port);
    struct address local = address(local_port);

    ice_agent_checked(agent, &agent->current, &remote, &local, NULL, nominate,
                      70);

    return address_port(&agent->selected->local);
}

static uint16_t
selected(const struct ice_agent *agent)
{
    return agent->selected ? address_port(&agent->selected->remote) : 0;
}

int
main(void)
{
    struct ice_directory directory;
    struct ice_credentials first;
    struct ice_credentials second;
    struct ice_credentials other;
    struct ice_agent agent;
    struct ice_agent rival;
    struct address a;

    ice_directory_init(&directory);
    ice_credentials_make(&first);
    ice_credentials_make(&second);
    ice_credentials_make(&other);
    tap_ok(strcmp(first.ufrag, second.ufrag) != 0, "credentials differ");

    ice_agent_init(&agent, &directory, &first, NULL);
    ice_agent_init(&rival, &directory, &other, NULL);
    tap_ok(ice_directory_ufrag(&directory, span_str(first.ufrag))
               == &agent.current, "is found by its ufrag");

    a = address(1);
    tap_ok(ice_directory_address(&directory, &a) == NULL,
           "an address that proved nothing is nobody's");
    tap_ok(check(&agent, &agent.current, 1, false, 1), "the first valid pair");
    tap_is_int(selected(&agent), 1, "is used before a nomination");
    tap_ok(!check(&agent, &agent.current, 2, false, 2), "a second one");
    tap_is_int(selected(&agent), 1, "does not replace it");
    tap_ok(check(&agent, &agent.current, 2, true, 3), "unless nominated");
    tap_is_int(selected(&agent), 2, "then it does");
    tap_ok(ice_directory_address(&directory, &a) == &agent.pairs[0],
           "both addresses are the agent's");

    for (uint16_t port = 10; port < 40; port++) {
        check(&agent, &agent.current, port, false, port);
    }

    tap_is_int((long long)directory.addresses.count, ICE_PAIRS_MAX,
               "addresses of one peer are limited");
    tap_is_int(selected(&agent), 2, "the selected one stays whatever comes");

    a = address(39);
    check(&rival, &rival.current, 39, true, 50);
    tap_ok(ice_directory_address(&directory, &a)->agent == &rival,
           "an address that a NAT gave to another peer moves there");

    ice_agent_restart(&agent, &second);
    tap_ok(ice_directory_ufrag(&directory, span_str(first.ufrag))
               == &agent.previous, "a restart keeps the old credentials");
    tap_ok(!check(&agent, &agent.previous, 3, true, 60),
           "whose checks no longer select");
    tap_is_int(selected(&agent), 2, "so media stays where it is");
    tap_ok(check(&agent, &agent.current, 4, true, 61),
           "until the new ones nominate");
    tap_ok(ice_directory_ufrag(&directory, span_str(first.ufrag)) == NULL,
           "which ends the old ones");

    tap_is_int(local_after(&agent, 4, 20000, false), 10000,
               "a check on another address of ours leaves the nominated one");
    tap_is_int(local_after(&agent, 4, 20000, true), 20000,
               "until that one is nominated");

    ice_agent_fini(&agent);
    ice_agent_fini(&rival);
    tap_is_int((long long)directory.ufrags.count, 0, "no ufrag is left");
    tap_is_int((long long)directory.addresses.count, 0, "no address is left");
    ice_directory_fini(&directory);

    return tap_done();
}
