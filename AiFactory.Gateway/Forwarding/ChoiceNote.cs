using System.Globalization;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Says why a replica was chosen: on the trace, and in a header to who asks for it.</summary>
internal static class ChoiceNote
{
    public const string AskHeader = "x-aifactory-explain";
    public const string AnswerHeader = "x-aifactory-choice";

    /// <summary>The deployment that answered, where it may be another than the named one.</summary>
    public const string AnsweredByHeader = "x-aifactory-answered-by";

    private static readonly string[] VariantNames = ["none", "share", "sticky", "latency"];

    private static readonly string[] Names = ["only", "load", "latency", "prefix", "session", "failover", "trial", "hedge", "zone", "queue", "cache"];

    public static void Write(Exchange exchange)
    {
        if (exchange.Span is { IsAllDataRequested: true } span)
        {
            span.SetTag("aifactory.choice.reason", Name(exchange.Choice));
            span.SetTag("aifactory.attempts", exchange.Tries.Count);
            if (exchange.VariantReason != VariantReason.None)
            {
                span.SetTag("aifactory.variant.reason", VariantNames[(int)exchange.VariantReason]);
            }

            if (exchange.Deployment != exchange.Named)
            {
                span.SetTag("aifactory.answered_by", exchange.Deployment.Name);
            }
        }
    }

    /// <summary>For example <c>reason=prefix; attempts=1; version=3</c>, and <c>; variant=latency</c> where a policy chose the deployment. Which replica it was is told only where answers name it anyway.</summary>
    public static void WriteHeader(Exchange exchange, ForwardingOptions options)
    {
        if (exchange.Context.Request.Headers[AskHeader] is not ["1"])
        {
            return;
        }

        var reason = exchange.Replica is null ? "none" : Name(exchange.Choice);
        var note = string.Create(CultureInfo.InvariantCulture, $"reason={reason}; attempts={exchange.Tries.Count}; version={exchange.Deployment.Route.ModelVersion}");
        note = exchange.VariantReason == VariantReason.None ? note : $"{note}; variant={VariantNames[(int)exchange.VariantReason]}";
        exchange.Context.Response.Headers[AnswerHeader] = options.NameReplica && exchange.Replica is { } replica ? $"{note}; replica={replica.Id}" : note;
    }

    private static string Name(ChoiceReason reason) => Names[(int)reason];
}
