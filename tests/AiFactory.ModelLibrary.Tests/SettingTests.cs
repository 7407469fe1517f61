using AiFactory.ModelLibrary.Scanning;
using AiFactory.ModelLibrary.Seeding;
using AiFactory.ModelLibrary.Sources;
using AiFactory.ModelLibrary.Sync;
using AiFactory.ModelLibrary.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Tests;

public sealed class SettingTests
{
    /// <summary>Generated validators say "SyncOptions.Lease": they take no notice of the sentence that a [Range] has.</summary>
    [Theory]
    [InlineData("Sources:SyncInterval", "00:00:00")]
    [InlineData("Sync:Lease", "00:00:00")]
    [InlineData("Scanning:Timeout", "00:00:00")]
    [InlineData("Workers:MissedHeartbeats", "1")]
    [InlineData("Workers:HeartbeatInterval", "00:00:00")]
    [InlineData("Seed:Project", "Not a name")]
    [InlineData("Seed:AdminKey", "aif_short")]
    [InlineData("Seed:Deployments:0:Name", "")]
    public void A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string value)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Seed:Deployments:0:Model"] = "a-model";
        builder.Configuration["Seed:Deployments:0:Name"] = "a-name";
        builder.Configuration[setting] = value;
        builder.AddSources().AddSync().AddScanning().AddWorkers().AddSeeding();
        using var services = builder.Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        refused.Message.Replace(":<n>:", ":0:", StringComparison.Ordinal).ShouldContain($"{setting} must ");
    }
}
