using System.ComponentModel.DataAnnotations;

namespace AiFactory.ModelLibrary.Kubernetes;

internal sealed class KubernetesOptions
{
    /// <summary>Whether the library writes to a cluster. When it is not said: in a pod with a service account's token, once a project has a namespace.</summary>
    public bool? Enabled { get; set; }

    /// <summary>The API server; in a pod it is known.</summary>
    public Uri? Server { get; set; }

    /// <summary>The folder with the service account's <c>token</c> and <c>ca.crt</c>.</summary>
    public string ServiceAccount { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The namespace of each project that has one. Its ApprovedModels are the library's alone: what it does not know there is deleted.</summary>
    public Dictionary<string, string> Namespaces { get; } = new(StringComparer.Ordinal);

    /// <summary>How often a namespace is compared with the catalogue when nothing was approved or revoked: so long lives what another wrote over it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ErrorMessage = "Kubernetes:Resync must lie between 0.1 seconds and one hour.")]
    public TimeSpan Resync { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one call may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00", ErrorMessage = "Kubernetes:Timeout must lie between 0.1 seconds and five minutes.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    internal bool IsOn => Enabled ?? false;

    internal string TokenFile => Path.Combine(ServiceAccount, "token");

    internal string AuthorityFile => Path.Combine(ServiceAccount, "ca.crt");
}
