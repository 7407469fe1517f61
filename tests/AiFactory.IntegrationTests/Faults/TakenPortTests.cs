using System.Text.RegularExpressions;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Faults;

[Collection(SharedFactory.Name)]
public sealed class TakenPortTests(FactoryFixture fixture)
{
    [Fact]
    public async Task A_second_factory_says_which_port_is_taken_and_by_what()
    {
        await using var settings = FactorySettings.Fresh() with { GatewayPort = fixture.Factory.Settings.GatewayPort };
        await using var second = FactoryProcess.Launch(settings);

        var sentence = await second.WaitForOutputAsync(new Regex($".*{settings.GatewayPort}.*"), LibraryClient.Patience, TestContext.Current.CancellationToken);
        await KilledProcessTests.EventuallyAsync(() => Task.FromResult(second.HasExited), "the second factory ends");

        sentence.Value.ShouldContain("gateway");
        sentence.Value.ShouldContain("AppHost");
        second.ExitCode.ShouldNotBe(0);
    }
}
