"""What a mock keeps after its end."""


def test_outside_of_pytest_nothing_keeps_a_registry_whose_mock_has_ended(run_script):
    run_script(
        """
        import gc, weakref
        import boto3
        from mock_copyjobs import mock_copy_jobs

        def use():
            with mock_copy_jobs() as copy_jobs:
                copy_jobs.add_many(10)
                boto3.client("backup").list_copy_jobs()
                return weakref.ref(copy_jobs)

        registry = use()
        gc.collect()
        assert registry() is None
        """
    )


def test_in_pytest_a_registry_is_kept_for_the_report_until_the_next_test_begins(run_tests_apart):
    run_tests_apart(
        """
        registries = []

        def test_one(copy_jobs):
            registries.append(weakref.ref(copy_jobs))

        def test_two():
            pass

        def test_three():
            gc.collect()
            assert registries[0]() is None
        """,
        head="import gc, weakref",
        passed=3,
    )
