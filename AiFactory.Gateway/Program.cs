using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Console;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Infer;
using AiFactory.Gateway.Management;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Registry;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Serving;
using AiFactory.Gateway.Sessions;
using AiFactory.Gateway.Snapshots;
using AiFactory.Gateway.SubRequests;
using AiFactory.Gateway.Telemetry;
using AiFactory.Gateway.Usage;
using AiFactory.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddGatewayTelemetry();
builder.AddMetering();
builder.AddUsage();
builder.Services.AddServing();
builder.Services.AddRegistry();
builder.Services.AddSnapshots();
builder.Services.AddGatewayAuthentication();
builder.Services.AddRoutingChoices();
builder.Services.AddForwarding();
builder.Services.AddFlows();
builder.Services.AddOpenAI();
builder.Services.AddSubRequests();
builder.Services.AddInfer();
builder.Services.AddManagement();
builder.Services.AddSessions();
builder.Services.AddConsole();

var app = builder.Build();

app.MapServiceDefaults();
app.MapOpenAI();
app.MapInfer();
app.MapManagement();
app.MapUsage();
app.MapSessions();
app.MapConsole();

app.Run();
