using AiFactory.Builder.Execution;
using AiFactory.Builder.Knowledge;
using AiFactory.Builder.Models;
using AiFactory.Builder.Orchestration;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Threads;
using AiFactory.Builder.Tools;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Tests;

public sealed class SettingTests
{
    /// <summary>Generated validators say "ExecutionOptions.Lease": they take no notice of the sentence that a [Range] has.</summary>
    [Theory]
    [InlineData("Execution:SlotsPerProject", "0")]
    [InlineData("Execution:Lease", "00:00:00")]
    [InlineData("Orchestration:Lease", "00:00:00")]
    [InlineData("Runs:OpenPerProject", "0")]
    [InlineData("Threads:Lease", "00:00:00")]
    [InlineData("Models:Silence", "00:00:00")]
    [InlineData("Tools:MaxResponseBytes", "1")]
    [InlineData("Knowledge:Lease", "00:00:00")]
    [InlineData("Knowledge:Parallel", "0")]
    [InlineData("Seed:Project", "Not a name")]
    [InlineData("Seed:Knowledge:0:Name", "")]
    public void A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string value)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Seed:Knowledge:0:Name"] = "a-name";
        builder.Configuration["Seed:Knowledge:0:Directory"] = "a-directory";
        builder.Configuration[setting] = value;
        builder.AddExecution().AddOrchestration().AddRuns().AddThreads().AddModels().AddTools().AddKnowledge();
        using var services = builder.Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        refused.Message.Replace(":<n>:", ":0:", StringComparison.Ordinal).ShouldContain($"{setting} must ");
    }
}
