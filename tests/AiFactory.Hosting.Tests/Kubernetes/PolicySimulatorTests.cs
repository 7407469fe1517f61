using System.Text.Json.Nodes;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>The simulator by the rules of NetworkPolicy: what a cluster lets pass and what not.</summary>
public sealed class PolicySimulatorTests
{
    private static readonly NetworkPeer A = NetworkPeer.Pod("a", "one", new Dictionary<string, string> { ["app"] = "a" }, "10.1.0.1");
    private static readonly NetworkPeer B = NetworkPeer.Pod("b", "two", new Dictionary<string, string> { ["app"] = "b" }, "10.1.0.2");
    private static readonly NetworkPeer Beside = NetworkPeer.Pod("beside", "two", new Dictionary<string, string> { ["app"] = "a" }, "10.1.0.3");
    private static readonly NetworkPeer Internet = NetworkPeer.Outside("internet", "203.0.113.7");

    [Theory]
    [InlineData("{ podSelector: {} }", false, "a policy closes the way in")]
    [InlineData("{ podSelector: {}, policyTypes: [Egress] }", true, "the way out alone is closed")]
    [InlineData("{ podSelector: {}, policyTypes: [] }", false, "no type named is Ingress")]
    [InlineData("{ podSelector: { matchLabels: { app: c } } }", true, "it selects another pod")]
    [InlineData("{ podSelector: {}, ingress: [{}] }", true, "a rule without peers and ports takes all")]
    [InlineData("{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] }", true, "all namespaces")]
    [InlineData("{ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }", false, "pods of its own namespace only")]
    [InlineData("{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: one } } }] }] }", true, "that namespace")]
    [InlineData("{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: one } }, podSelector: { matchLabels: { app: b } } }] }] }", false, "namespace and pod in one peer: both")]
    [InlineData("{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: one } } }, { podSelector: { matchLabels: { app: b } } }] }] }", true, "in two peers: either")]
    [InlineData("{ podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] }", true, "TCP is what is meant")]
    [InlineData("{ podSelector: {}, ingress: [{ ports: [{ protocol: UDP, port: 80 }] }] }", false, "another protocol")]
    [InlineData("{ podSelector: {}, ingress: [{ ports: [{ port: 79, endPort: 81 }] }] }", true, "within a range")]
    [InlineData("{ podSelector: {}, ingress: [{ ports: [{ port: 81, endPort: 90 }] }] }", false, "outside a range")]
    [InlineData("{ podSelector: { matchExpressions: [{ key: app, operator: In, values: [b] }] } }", false, "selected by an expression")]
    [InlineData("{ podSelector: { matchExpressions: [{ key: app, operator: NotIn, values: [b] }] } }", true, "not selected by an expression")]
    [InlineData("{ podSelector: { matchExpressions: [{ key: app, operator: DoesNotExist }] } }", true, "the label is there")]
    [InlineData("{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }", true, "an address")]
    [InlineData("{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8, except: [10.1.0.0/24] } }] }] }", false, "an address that is excepted")]
    public void A_policy_of_the_destination_is_obeyed(string spec, bool passes, string why) =>
        new PolicySimulator([Policy("two", spec)]).Passes(A, B, "TCP", 80).ShouldBe(passes, why);

    [Theory]
    [InlineData("{ podSelector: {}, egress: [{ to: [{ podSelector: { matchLabels: { app: b } } }] }] }", false)]
    [InlineData("{ podSelector: {}, egress: [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: b } } }] }] }", true)]
    [InlineData("{ podSelector: {}, policyTypes: [Ingress], egress: [] }", true)]
    [InlineData("{ podSelector: {}, egress: [] }", true)]
    [InlineData("{ podSelector: {}, policyTypes: [], egress: [{ ports: [{ port: 443 }] }] }", false)]
    [InlineData("{ podSelector: {}, policyTypes: [Egress], egress: [] }", false)]
    public void And_one_of_the_source(string spec, bool passes) =>
        new PolicySimulator([Policy("one", spec)]).Passes(A, B, "TCP", 80).ShouldBe(passes);

    [Fact]
    public void Both_ends_must_agree_and_what_is_selected_by_none_is_open()
    {
        var open = new PolicySimulator([]);
        open.Passes(A, B, "TCP", 80).ShouldBeTrue();
        open.Passes(Internet, B, "TCP", 80).ShouldBeTrue();

        var both = new PolicySimulator([Policy("one", "{ podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ namespaceSelector: {} }] }] }"), Policy("two", "{ podSelector: { matchLabels: { app: b } } }")]);
        both.Passes(A, B, "TCP", 80).ShouldBeFalse("out, but not in");
        both.Passes(A, Beside, "TCP", 80).ShouldBeTrue();
        both.Passes(A, Internet, "TCP", 80).ShouldBeFalse("no selector takes what is outside");
        both.Passes(B, A, "TCP", 80).ShouldBeTrue("answers are not asked for, connections are");
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void An_address_block_takes_pods_where_the_plugin_says_so(bool blocksTakePods, bool passes)
    {
        var simulator = new PolicySimulator([Policy("two", "{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }] }")], blocksTakePods);
        simulator.Passes(A, B, "TCP", 80).ShouldBe(passes);
        simulator.Passes(Internet, B, "TCP", 80).ShouldBeTrue();
    }

    [Fact]
    public void A_namespace_has_the_labels_that_it_is_given()
    {
        var simulator = new PolicySimulator([
            Manifests.Parse("{ apiVersion: v1, kind: Namespace, metadata: { name: one, labels: { team: x } } }")[0],
            Policy("two", "{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: x } } }] }] }")]);
        simulator.Passes(A, B, "TCP", 80).ShouldBeTrue();
        simulator.Passes(Beside, B, "TCP", 80).ShouldBeFalse();
    }

    private static JsonObject Policy(string place, string spec) =>
        Manifests.Parse($"{{ apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{ name: p, namespace: {place} }}, spec: {spec} }}")[0];
}
