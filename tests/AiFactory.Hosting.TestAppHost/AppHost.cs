// An AppHost for the tests that must kill one, or read what it prints. --port: the service's; --needs: the name of a parameter it asks for.
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

var service = builder.AddProject<Projects.AiFactory_Hosting_TestApp>("service")
    .WithHttpEndpoint(port: builder.Configuration.GetValue<int?>("port"))
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);

// A process with a child and a grandchild of its own, as npm has.
builder.AddExecutable("family", "sh", ".", "-c", "sh -c 'sleep 1111; true' & sleep 2222; true");

if (builder.Configuration["needs"] is { } needed)
{
    service.WithEnvironment("NEEDED", builder.AddParameter(needed, secret: true));
}

var kept = builder.AddParameter("kept-key", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
service.WithEnvironment("KEPT_KEY", kept);

service.OnResourceReady((_, _, _) =>
{
    Console.WriteLine($"ready {service.GetEndpoint("http").Url}");
    return Task.CompletedTask;
});

builder.Build().Run();
