using System.Text.RegularExpressions;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>
/// Opens the published Deployments and StatefulSets to values.yaml, where Aspire's classes hold a number or a list and take no expression: replicas, resources, and what an
/// installation adds to a pod. Each change must find its one place, or publishing fails: no template is half done.
/// </summary>
internal sealed partial class WorkloadTemplates(Factory factory, string output)
{
    /// <summary>The pod's annotation that changes with its settings.</summary>
    public const string Checksum = "checksum/config";

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(output, "templates"), "*.yaml", SearchOption.AllDirectories))
        {
            texts[file] = await File.ReadAllTextAsync(file, cancellationToken);
        }

        foreach (var (file, text) in texts)
        {
            var changed = Port().Replace(text, ".Values.${section}.port");
            if (WorkloadKind().IsMatch(text) && factory.Services.FirstOrDefault(service => service.Name == Folder(file)) is { } service)
            {
                var settings = texts.First(other => Folder(other.Key) == service.Name && ConfigMapKind().IsMatch(other.Value)).Key;
                changed = Complete(changed, service, $"/{service.Name}/{Path.GetFileName(settings)}", file);
            }

            if (changed != text)
            {
                await File.WriteAllTextAsync(file, changed, cancellationToken);
            }
        }
    }

    private static string? Folder(string file) => Path.GetFileName(Path.GetDirectoryName(file));

    private static string Complete(string text, FactoryService service, string settings, string file)
    {
        var arguments = $"(dict \"root\" . \"component\" \"{service.Name}\" \"values\" .Values.{service.Section} \"class\" \"{(service.Layout.Critical ? "critical" : "")}\")";
        text = Once(Replicas(), text, $"  replicas: {{{{ .Values.{service.Section}.replicas | int }}}}\n", file);
        text = Once(ChecksumPlace(), text, $"        {Checksum}: {{{{ include (print $$.Template.BasePath \"{settings}\") . | sha256sum }}}}\n", file);
        text = Once(PodAnnotations(), text, $"$0        {{{{- with .Values.{service.Section}.podAnnotations }}}}\n        {{{{- toYaml . | nindent 8 }}}}\n        {{{{- end }}}}\n", file);
        text = Once(PodSpec(), text, $"$0      {{{{- include \"aifactory.pod\" {arguments} | nindent 6 }}}}\n", file);
        text = Once(Image(), text, $"$0          resources:\n            {{{{- toYaml .Values.{service.Section}.resources | nindent 12 }}}}\n", file);
        text = Once(Environment(), text, $"$0            {{{{- include \"aifactory.env\" {arguments} | nindent 12 }}}}\n", file);
        text = service.HasIdentityProvider ? Once(Environment(), text, "$0            {{- with include \"aifactory.identityProvider.env\" . }}\n            {{- . | trim | nindent 12 }}\n            {{- end }}\n", file) : text;
        return service.Layout.CallsApiServer ? WithCluster(text, file) : text;
    }

    private static string WithCluster(string text, string file)
    {
        text = Once(Environment(), text, "$0            {{- include \"aifactory.cluster.env\" . | nindent 12 }}\n", file);
        text = Once(Mounts(), text, "$0            {{- with include \"aifactory.cluster.mount\" . }}\n            {{- . | nindent 12 }}\n            {{- end }}\n", file);
        return Once(Volumes(), text, "$0        {{- with include \"aifactory.cluster.volume\" . }}\n        {{- . | nindent 8 }}\n        {{- end }}\n", file);
    }

    private static string Once(Regex place, string text, string with, string file) => place.Count(text) == 1
        ? place.Replace(text, with)
        : throw new DistributedApplicationException($"'{Path.GetFileName(file)}' has not one place for '{place}' but {place.Count(text)}: the publisher writes another layout.");

    [GeneratedRegex("^kind: \"?(Deployment|StatefulSet)\"?$", RegexOptions.Multiline)]
    private static partial Regex WorkloadKind();

    [GeneratedRegex("^kind: \"?ConfigMap\"?$", RegexOptions.Multiline)]
    private static partial Regex ConfigMapKind();

    [GeneratedRegex(@"\.Values\.parameters\.(?<section>\w+)\.port_http")]
    private static partial Regex Port();

    [GeneratedRegex("^  replicas: [0-9]+\n", RegexOptions.Multiline)]
    private static partial Regex Replicas();

    [GeneratedRegex("^      annotations:\n", RegexOptions.Multiline)]
    private static partial Regex PodAnnotations();

    [GeneratedRegex("^        \"?checksum/config\"?: \"\"\n", RegexOptions.Multiline)]
    private static partial Regex ChecksumPlace();

    [GeneratedRegex("^    spec:\n", RegexOptions.Multiline)]
    private static partial Regex PodSpec();

    [GeneratedRegex("^          image: .*\n", RegexOptions.Multiline)]
    private static partial Regex Image();

    [GeneratedRegex("^          env:\n", RegexOptions.Multiline)]
    private static partial Regex Environment();

    [GeneratedRegex("^          volumeMounts:\n", RegexOptions.Multiline)]
    private static partial Regex Mounts();

    [GeneratedRegex("^      volumes:\n", RegexOptions.Multiline)]
    private static partial Regex Volumes();
}
