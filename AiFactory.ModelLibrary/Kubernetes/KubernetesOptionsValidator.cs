using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Kubernetes;

internal sealed partial class KubernetesOptionsValidator : IValidateOptions<KubernetesOptions>
{
    public ValidateOptionsResult Validate(string? name, KubernetesOptions options)
    {
        if (!options.IsOn)
        {
            return ValidateOptionsResult.Success;
        }

        List<string> faults = [];
        Require(options.Server is { IsAbsoluteUri: true, Scheme: "https" }, "Kubernetes:Server must be the API server's address, https://..., outside a pod; inside, KUBERNETES_SERVICE_HOST names it.");
        Require(File.Exists(options.TokenFile) && File.Exists(options.AuthorityFile), "Kubernetes:ServiceAccount must be a folder with the files token and ca.crt: is the service account's token mounted?");
        Require(options.Namespaces.Count > 0, "Kubernetes:Namespaces must name the namespace of at least one project, as Kubernetes:Namespaces:<project>.");
        foreach (var (project, place) in options.Namespaces)
        {
            Require(Label().IsMatch(place), $"Kubernetes:Namespaces:{project} must be a namespace's name: 1 to 63 lower-case letters, digits and -, with a letter or digit at each end.");
            Require(options.Namespaces.Values.Count(other => other == place) == 1, $"Kubernetes:Namespaces:{project} must be a namespace of its own; {place} is another project's too.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Require(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();
}
