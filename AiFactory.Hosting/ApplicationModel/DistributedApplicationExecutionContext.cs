namespace Aspire.Hosting;

public class DistributedApplicationExecutionContext
{
    private IServiceProvider? _services;

    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
        : this(operation, "manifest")
    {
    }

    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName)
    {
        Operation = operation;
        PublisherName = publisherName;
    }

    public DistributedApplicationOperation Operation { get; }

    public string PublisherName { get; set; }

    public IServiceProvider ServiceProvider => _services
        ?? throw new InvalidOperationException("The service provider is there once the application is built.");

    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    internal void Use(IServiceProvider services) => _services = services;
}
