// A service for the tests of AiFactory.Hosting. HEALTHY_FILE: it is healthy while that file exists. STUBBORN: it does not stop on SIGTERM.
using System.Runtime.InteropServices;

var builder = WebApplication.CreateSlimBuilder(args);
var app = builder.Build();
var healthyFile = app.Configuration["HEALTHY_FILE"];

app.MapGet("/", () => Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
app.MapGet("/health", () => healthyFile is null || File.Exists(healthyFile) ? Results.Ok() : Results.Text("no file", statusCode: 503));
app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
app.MapGet("/arguments", () => args);
app.MapPost("/say/{text}", (string text) =>
{
    Console.Out.WriteLine($"out {text}");
    Console.Error.WriteLine($"err {text}");
});
app.MapPost("/exit/{code:int}", (int code) => Environment.Exit(code));

using var stubborn = app.Configuration["STUBBORN"] is null ? null : PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);
if (stubborn is not null)
{
    await app.StartAsync();
    await Task.Delay(Timeout.InfiniteTimeSpan);
}

app.Run();
