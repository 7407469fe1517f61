using System.Reflection;
using AiFactory.Hosting.Orchestration;
using AiFactory.Hosting.Pipelines;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;

    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args })
    {
    }

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        AppHostDirectory = options.ProjectDirectory ?? AppHostAssembly.Metadata("apphostprojectpath") ?? Directory.GetCurrentDirectory();
        ExecutionContext = new DistributedApplicationExecutionContext(CommandLine.Operation(options.Args ?? []));

        _host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ContentRootPath = AppHostDirectory,
            ApplicationName = options.DashboardApplicationName ?? AppHostAssembly?.GetName().Name,
            EnvironmentName = HostConfiguration.EnvironmentName(),
        });
        UserSecrets = UserSecretsStore.Of(AppHostAssembly);
        HostConfiguration.Add(_host, UserSecrets, options.Args ?? []);
        HostServices.Add(_host, this, options);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public IDistributedApplicationPipeline Pipeline { get; } = new Pipeline();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    internal UserSecretsStore UserSecrets { get; set; }

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (Resources.TryGetByName(resource.Name, out var existing))
        {
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType()}' with name '{resource.Name}' because resource of type '{existing.GetType()}' with that name already exists. Resource names are case-insensitive.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource
        => new DistributedApplicationResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        var host = _host.Build();
        ExecutionContext.Use(host.Services);
        return new DistributedApplication(host);
    }
}
