using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>
/// What NetworkPolicies let pass, by https://kubernetes.io/docs/concepts/services-networking/network-policies/: a pod that a policy of a direction selects is closed in it but for
/// what some policy allows, and a connection passes when its source may go out and its destination may let it in. Whether an ipBlock takes pods
/// too is the plugin's own affair: most do, Cilium does not.
/// </summary>
internal sealed class PolicySimulator(IReadOnlyList<JsonObject> manifests, bool blocksTakePods = true)
{
    private readonly List<JsonObject> _policies = [.. manifests.Where(manifest => manifest.Kind() == "NetworkPolicy")];

    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _namespaces =
        manifests.Where(manifest => manifest.Kind() == "Namespace").ToDictionary(place => place.Name(), place => place.At("metadata.labels").Map());

    /// <summary>The ports that some policy names: what a test has to try, beside one that none names.</summary>
    public IEnumerable<(string Protocol, int Port)> Ports => _policies
        .SelectMany(policy => policy.At("spec.ingress").Items().Concat(policy.At("spec.egress").Items()))
        .SelectMany(rule => rule.At("ports").Items())
        .Select(port => (Protocol(port), Number(port, "port")))
        .Distinct();

    public bool Passes(NetworkPeer source, NetworkPeer destination, string protocol, int port) =>
        Allows(source, "Egress", destination, protocol, port) && Allows(destination, "Ingress", source, protocol, port);

    private bool Allows(NetworkPeer holder, string direction, NetworkPeer other, string protocol, int port)
    {
        var policies = _policies
            .Where(policy => policy.Namespace() == holder.Namespace && Selects(policy.At("spec.podSelector"), holder.Labels) && Directions(policy).Contains(direction))
            .ToList();
        var (rules, peers) = direction == "Egress" ? ("spec.egress", "to") : ("spec.ingress", "from");
        return policies.Count == 0 || policies.Any(policy => policy.At(rules).Items().Any(rule =>
            AnyOf(rule.At("ports"), allowed => Takes(allowed, protocol, port)) && AnyOf(rule.At(peers), peer => Takes(peer, policy.Namespace(), other))));
    }

    // A list that is absent or empty restricts nothing.
    private static bool AnyOf(JsonNode? list, Func<JsonNode, bool> takes) => !list.Items().Any() || list.Items().Any(takes);

    // Where no type is named, the API server says Ingress, and Egress when there is a rule of it.
    private static IEnumerable<string> Directions(JsonObject policy) => policy.At("spec.policyTypes").Items().Any()
        ? policy.At("spec.policyTypes").Items().Select(type => type.ToString())
        : policy.At("spec.egress").Items().Any() ? ["Ingress", "Egress"] : ["Ingress"];

    private static bool Takes(JsonNode allowed, string protocol, int port) => Protocol(allowed) == protocol
        && (allowed.At("port") is null || (port >= Number(allowed, "port") && port <= Number(allowed, allowed.At("endPort") is null ? "port" : "endPort")));

    private bool Takes(JsonNode peer, string place, NetworkPeer other)
    {
        if (peer.At("ipBlock") is { } block)
        {
            return (blocksTakePods || other.Namespace is null) && Within(block.Text("cidr"), other.Address) && !block.At("except").Items().Any(except => Within(except.ToString(), other.Address));
        }

        return other.Namespace is not null
            && (peer.At("namespaceSelector") is { } places ? Selects(places, LabelsOf(other.Namespace)) : other.Namespace == place)
            && (peer.At("podSelector") is not { } pods || Selects(pods, other.Labels));
    }

    private Dictionary<string, string> LabelsOf(string place) =>
        new(_namespaces.GetValueOrDefault(place) ?? new Dictionary<string, string>()) { ["kubernetes.io/metadata.name"] = place };

    private static bool Selects(JsonNode? selector, IReadOnlyDictionary<string, string> labels) =>
        selector.At("matchLabels").Map().All(label => labels.GetValueOrDefault(label.Key) == label.Value)
        && selector.At("matchExpressions").Items().All(expression => Holds(expression, labels.GetValueOrDefault(expression.Text("key"))));

    private static bool Holds(JsonNode expression, string? value)
    {
        var named = expression.At("values").Items().Select(one => one.ToString()).Contains(value);
        return expression.Text("operator") switch
        {
            "In" => named,
            "NotIn" => !named,
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            var other => throw new InvalidOperationException($"There is no operator '{other}'."),
        };
    }

    private static bool Within(string cidr, IPAddress address) => IPNetwork.Parse(cidr).Contains(address);

    private static string Protocol(JsonNode port) => port.At("protocol")?.ToString() ?? "TCP";

    private static int Number(JsonNode port, string field) => int.Parse(port.Text(field), CultureInfo.InvariantCulture);
}
