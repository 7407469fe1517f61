using AiFactory.AppHost;
using AiFactory.AppHost.Kubernetes;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

// Secrets: given as Parameters__admin_key and so on, or generated once and kept in user secrets.
var adminKey = builder.AddAdminKey("admin-key");
var identityKey = builder.AddParameter("identity-key", new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true);
var consoleToken = builder.AddParameter("console-token", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true);

// What the factory stands on: embedded here, a managed server or a bucket when ConnectionStrings:postgres or :objects name one.
var libraryDb = builder.AddDatabase("librarydb", "library");
var gatewayDb = builder.AddDatabase("gatewaydb", "gateway");
var builderDb = builder.AddDatabase("builderdb", "builder");
var objects = builder.AddObjectStorage("objects");

// Control plane: what may be served, and where.
var library = builder.AddService<Projects.AiFactory_ModelLibrary>("library", identityKey)
    .WithReference(libraryDb)
    .WithReference(objects)
    .WithSeed(adminKey, "demo-chat", "demo-embed")
    .WaitFor(libraryDb);

// Data plane: starts and serves without the control plane, from what it last knew.
builder.AddService<Projects.AiFactory_Inference>("worker", identityKey)
    .WithReference(library)
    .WithReference(objects)
    .WithEnvironment("Cache__Directory", builder.DataFolder("worker"))
    .WithReplicas(builder.Configuration.GetValue("Worker:Replicas", 1));

var web = builder.AddViteApp("web", "../AiFactory.Web").WithHttpHealthCheck("/");

var gateway = builder.AddService<Projects.AiFactory_Gateway>("gateway", identityKey, port: builder.Configuration.GetValue("Gateway:Port", 8080))
    .WithReference(library)
    .WithConsole(web)
    .WithReference(gatewayDb)
    .WithReference(objects)
    .WithEnvironment("Metering__Folder", Path.Combine(builder.DataFolder("gateway"), "outbox"))
    .WithEnvironment("Snapshot__Path", Path.Combine(builder.DataFolder("gateway"), "snapshot.json"))
    .WithEnvironment("Console__SignInToken", consoleToken)
    .WithIdentityProvider()
    .WithExternalHttpEndpoints();

// Applications: flows, agents and knowledge, on the models that the gateway serves. The gateway serves without it.
var applications = builder.AddBuilder("builder", identityKey, gateway, builderDb, objects).WithKnowledge("aifactory", "..");
gateway.WithReference(applications);

builder.AnnounceWhenServing(gateway, adminKey, consoleToken, "demo-chat", "demo-embed");

builder.PublishAsHelmChart();

builder.Build().Run();
