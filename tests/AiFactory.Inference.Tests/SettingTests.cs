using AiFactory.Inference.Adapters;
using AiFactory.Inference.Fleet;
using AiFactory.Inference.OpenAI;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests;

public sealed class SettingTests
{
    /// <summary>Generated validators say "EngineOptions.Slots": they take no notice of the sentence that a [Range] has.</summary>
    [Theory]
    [InlineData("Engine:Slots", "0")]
    [InlineData("Engine:DrainTimeout", "02:00:00")]
    [InlineData("Engine:LongestStep", "00:00:00")]
    [InlineData("Engine:LongestWait", "00:00:00")]
    [InlineData("Engine:AgingInterval", "00:00:00")]
    [InlineData("Engine:PrefillTokens", "-1")]
    [InlineData("Engine:PrefixStoreBytes", "-1")]
    [InlineData("Cache:SizeLimit", "1")]
    [InlineData("Adapters:LargestBytes", "0")]
    [InlineData("Adapters:Prefix", "s3://objects/adapters/")]
    [InlineData("Adapters:Prefix", "/adapters/")]
    [InlineData("Adapters:Prefix", "adapters/../")]
    [InlineData("Worker:RetryInterval", "00:00:00")]
    [InlineData("Serve:SizeBytes", "-1")]
    [InlineData("OpenAI:MaxRequestBodyBytes", "1")]
    public void A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string value)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:objects"] = $"Directory={Path.GetTempPath()}",
            [$"{IdentityOptions.Section}:Key"] = "an-identity-key-for-tests-of-32-bytes-or-more",
            [setting] = value,
        });
        builder.AddFleet();
        builder.AddOpenAI();
        builder.AddAdapters();
        using var services = builder.Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        refused.Message.ShouldContain($"{setting} must ");
    }
}
