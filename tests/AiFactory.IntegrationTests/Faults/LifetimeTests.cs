using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Faults;

/// <summary>Start, second start, stop: with a factory of its own.</summary>
public sealed class LifetimeTests
{
    [Fact]
    public async Task Ctrl_C_leaves_no_process_and_the_second_start_finds_all_as_it_was()
    {
        await using var settings = FactorySettings.Fresh();
        await using (var first = await FactoryProcess.StartAsync(settings, TestContext.Current.CancellationToken))
        {
            var children = first.Children();

            await first.StopAsync(TestContext.Current.CancellationToken);

            first.ExitCode.ShouldBe(0, first.Output);
            children.Count.ShouldBeGreaterThan(4);
            children.Where(child => child.IsAlive()).ShouldBeEmpty();
        }

        await using var second = await FactoryProcess.StartAsync(settings, TestContext.Current.CancellationToken);

        (await KilledProcessTests.ChatAnswersAsync(second)).ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_outlives_an_AppHost_that_is_killed()
    {
        await using var factory = await FactoryProcess.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var children = factory.Children();

        await factory.KillAsync(TestContext.Current.CancellationToken);

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
