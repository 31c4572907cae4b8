"""When everybody has done everything: the log still proves itself."""


def test_the_log_of_all_journeys_verifies(manage):
    manage("verify_events")
