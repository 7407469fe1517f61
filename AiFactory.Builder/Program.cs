using AiFactory.Builder.Agents;
using AiFactory.Builder.Children;
using AiFactory.Builder.Execution;
using AiFactory.Builder.Flows;
using AiFactory.Builder.Knowledge;
using AiFactory.Builder.Models;
using AiFactory.Builder.Orchestration;
using AiFactory.Builder.Processes;
using AiFactory.Builder.Published;
using AiFactory.Builder.Rulesets;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Steps;
using AiFactory.Builder.Storage;
using AiFactory.Builder.Telemetry;
using AiFactory.Builder.Threads;
using AiFactory.Builder.Tools;
using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Identity;

var builder = ServiceApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddRoles().AddStorage().AddBuilderTelemetry();
builder.AddModels().AddSecrets().AddTools().AddKnowledge().AddRulesets().AddAgents().AddThreads();
builder.AddSteps().AddFlows().AddRuns().AddChildren().AddOrchestration().AddExecution().AddPublished();
builder.Services.AddOpenApi();

var app = builder.Build();
app.MapServiceDefaults();
app.MapOpenApi().RequirePermission(Permissions.ProjectsRead);
if (app.HasRole(BuilderRoles.Orchestrator))
{
    app.MapKnowledge().MapTools().MapRulesets().MapAgents().MapThreads();
    app.MapSteps().MapFlows().MapRuns().MapPublished();
}

app.Run();
