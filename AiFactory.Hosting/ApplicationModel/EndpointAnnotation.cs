using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A door of a resource. <see cref="Port"/> is what callers use (the proxy's, where there is one);
/// <see cref="TargetPort"/> is what the process itself listens on.
/// </summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly TaskCompletionSource<AllocatedEndpoint> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? _port;
    private int? _targetPort;
    private string? _transport;
    private bool? _tlsEnabled;
    private bool? _isExplicitlyProxied;

    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        uriScheme ??= protocol == ProtocolType.Udp ? "udp" : "tcp";
        name ??= uriScheme;
        ModelName.Validate("Endpoint", name);

        Protocol = protocol;
        UriScheme = uriScheme;
        Name = name;
        IsExternal = isExternal ?? false;
        _transport = transport;
        _port = port;
        _targetPort = targetPort;
        _isExplicitlyProxied = isProxied;
    }

    public string Name { get; set; }

    public ProtocolType Protocol { get; set; }

    public int? Port
    {
        // Without a proxy the two ports are one.
        get => _port ?? (IsProxied ? null : _targetPort);
        set => _port = value;
    }

    public int? TargetPort
    {
        get => _targetPort ?? (IsProxied ? null : _port);
        set => _targetPort = value;
    }

    public string UriScheme { get; set; }

    public string TargetHost { get; set; } = "localhost";

    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol == ProtocolType.Udp ? "udp" : "tcp");
        set => _transport = value;
    }

    public bool IsExternal { get; set; }

    public bool IsProxied
    {
        get => _isExplicitlyProxied ?? true;
        set => _isExplicitlyProxied = value;
    }

    public bool? IsExplicitlyProxied
    {
        get => _isExplicitlyProxied;
        set => _isExplicitlyProxied = value;
    }

    public bool ExcludeReferenceEndpoint { get; set; }

    public bool TlsEnabled
    {
        get => _tlsEnabled ?? string.Equals(UriScheme, "https", StringComparison.OrdinalIgnoreCase);
        set => _tlsEnabled = value;
    }

    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => _allocated.Task is { IsCompletedSuccessfully: true } done ? done.Result : null;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _allocated.TrySetResult(value);
        }
    }

    /// <summary>The environment variable that carries the target port (<c>env:</c> of WithEndpoint).</summary>
    internal string? TargetPortEnvironmentVariable { get; set; }

    /// <summary>Whether a launch profile made it, so that <c>ASPNETCORE_URLS</c> carries it.</summary>
    internal bool FromLaunchProfile { get; set; }

    internal Task<AllocatedEndpoint> GetAllocatedAsync(CancellationToken cancellationToken) => _allocated.Task.WaitAsync(cancellationToken);
}
