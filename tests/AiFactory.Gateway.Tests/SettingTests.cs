using AiFactory.Gateway.Batches;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Queueing;
using AiFactory.Gateway.Registry;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Serving;
using AiFactory.Gateway.Sessions;
using AiFactory.Gateway.Snapshots;
using AiFactory.Gateway.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests;

public sealed class SettingTests
{
    /// <summary>Generated validators say "ServingOptions.DrainTime": they take no notice of the sentence that a [Range] has.</summary>
    [Theory]
    [InlineData("Serving:DrainTime", "-00:00:01")]
    [InlineData("Serving:MaxRequestBodyBytes", "1")]
    [InlineData("Snapshot:PollTimeout", "00:00:00")]
    [InlineData("Forwarding:ConnectTimeout", "00:00:00")]
    [InlineData("Breakers:ConsecutiveFailures", "0")]
    [InlineData("Retries:BudgetShare", "-1")]
    [InlineData("Queue:LongestWait", "00:00:00")]
    [InlineData("Caching:MemoryBytes", "1")]
    [InlineData("Caching:FlightWait", "-00:00:01")]
    [InlineData("Caching:StoreTimeout", "00:00:00")]
    [InlineData("Caching:PurgeInterval", "00:00:00")]
    [InlineData("Flows:ListTimeout", "00:00:00")]
    [InlineData("Guardrails:MostCharacters", "1")]
    [InlineData("Guardrails:Wait", "00:00:00")]
    [InlineData("Registry:Interval", "00:00:00")]
    [InlineData("Registry:Path", "/there/is/no/models.yaml")]
    [InlineData("Metering:SyncInterval", "00:00:00")]
    [InlineData("Metering:MaxBytes", "1")]
    [InlineData("Files:MaxBytes", "1")]
    [InlineData("Batches:Lease", "00:00:00")]
    [InlineData("Webhooks:Attempts", "0")]
    [InlineData("Webhooks:AllowedNetworks:0", "everywhere")]
    [InlineData("Pricing:Currency", "euro")]
    [InlineData("Pricing:Models:0:Input", "1")]
    [InlineData("Console:SessionLifetime", "00:00:01")]
    [InlineData("Console:SignInToken", "short")]
    public void A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string value)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration[setting] = value;
        builder.Services.AddServing().AddRegistry().AddSnapshots().AddRoutingChoices().AddQueueing().AddCaching().AddForwarding().AddFlows().AddGuardrails().AddSessions().AddMetering().AddFiles(enabled: true).AddBatches(enabled: true).AddWebhooks(enabled: true);
        using var services = builder.Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        refused.Message.ShouldContain($"{(setting.StartsWith("Pricing:Models:0", StringComparison.Ordinal) ? "Pricing:Models:0" : setting)} ");
    }
}
