from membership.gateway.current import gateway as current_gateway


def test_the_running_application_has_one_gateway(context, gateway):
    assert current_gateway() is gateway
