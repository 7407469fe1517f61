using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Faults;

/// <summary>Start, second start, and both ends: with a factory of its own.</summary>
[Collection(OwnFactories.Name)]
public sealed class LifetimeTests
{
    /// <summary>One test, because a start takes longer than all that is asked of it.</summary>
    [Fact]
    public async Task Ctrl_C_leaves_no_process_the_second_start_finds_all_as_it_was_and_nothing_outlives_an_AppHost_that_is_killed()
    {
        await using var settings = FactorySettings.Fresh();
        await using (var first = await FactoryProcess.StartAsync(settings, TestContext.Current.CancellationToken))
        {
            var started = first.Children();

            await first.StopAsync(TestContext.Current.CancellationToken);

            first.ExitCode.ShouldBe(0, first.Output);
            started.Count.ShouldBeGreaterThan(4);
            started.Where(child => child.IsAlive()).ShouldBeEmpty();
        }

        await using var second = await FactoryProcess.StartAsync(settings, TestContext.Current.CancellationToken);
        (await KilledProcessTests.ChatAnswersAsync(second)).ShouldBeTrue();
        var children = second.Children();
        children.Count.ShouldBeGreaterThan(4);

        await second.KillAsync(TestContext.Current.CancellationToken);

        await KilledProcessTests.EventuallyAsync(() => Task.FromResult(!children.Any(child => child.IsAlive())), "every child is gone");
    }

    [Fact]
    public async Task A_bad_admin_key_stops_the_start_with_a_sentence()
    {
        await using var settings = FactorySettings.Fresh() with { AdminKey = "letmein" };
        await using var factory = FactoryProcess.Launch(settings);

        await KilledProcessTests.EventuallyAsync(() => Task.FromResult(factory.HasExited), "the factory ends");

        factory.ExitCode.ShouldNotBe(0);
        factory.Output.ShouldContain("admin-key");
        factory.Output.ShouldContain("aif_");
    }
}
