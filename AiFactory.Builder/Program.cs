using AiFactory.Builder.Agents;
using AiFactory.Builder.Knowledge;
using AiFactory.Builder.Models;
using AiFactory.Builder.Processes;
using AiFactory.Builder.Rulesets;
using AiFactory.Builder.Storage;
using AiFactory.Builder.Telemetry;
using AiFactory.Builder.Threads;
using AiFactory.Builder.Tools;
using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Identity;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddRoles().AddStorage().AddBuilderTelemetry();
builder.AddModels().AddTools().AddKnowledge();
builder.AddRulesets().AddAgents().AddThreads();
builder.Services.AddOpenApi();

var app = builder.Build();
app.MapServiceDefaults();
app.MapOpenApi().RequirePermission(Permissions.ProjectsRead);
app.MapKnowledge();
app.MapTools().MapRulesets().MapAgents().MapThreads();
app.Run();
