using AiFactory.Builder.Execution;
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
    public void A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string value)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration[setting] = value;
        builder.AddExecution().AddOrchestration().AddRuns().AddThreads().AddModels().AddTools();
        using var services = builder.Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        refused.Message.ShouldContain($"{setting} must lie between");
    }
}
