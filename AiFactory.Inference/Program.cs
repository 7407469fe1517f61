using AiFactory.Inference.Adapters;
using AiFactory.Inference.Benchmarking;
using AiFactory.Inference.Fleet;
using AiFactory.Inference.Hardware;
using AiFactory.Inference.Infer;
using AiFactory.Inference.Isolation;
using AiFactory.Inference.KServe;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Tokens;
using AiFactory.ServiceDefaults;

if (args is ["benchmark", .. var load])
{
    return await BenchmarkCommand.RunAsync(load);
}

using var engine = EngineChannel.Open(args);
var builder = engine?.CreateBuilder() ?? ServiceApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddFleet(engine);
builder.AddHardware();
builder.AddLifecycle();
builder.AddAdapters();
builder.AddOpenAI();
builder.AddKServe();

var app = builder.Build();

app.MapServiceDefaults();
app.UseIsolation();
app.UseLoadHeader();
app.MapOpenAI();
app.MapInfer();
app.MapTokens();
app.MapKServe();
app.MapLifecycle();
app.MapAdapters();
app.MapHardware();

app.Run();
return 0;

/// <summary>Named for tests, which start the worker in process.</summary>
public partial class Program;
