using AiFactory.Gateway.Guardrails.Texts;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>For texts of an answer that are there whole, one after the other.</summary>
internal sealed class AnswerScans(Guarding guarding) : IDisposable
{
    private TextScan? _text;
    private TextScan? _json;

    /// <summary>Ready for another text.</summary>
    public TextScan Of(TextKind kind)
    {
        var scan = kind == TextKind.Json
            ? _json ??= new TextScan(guarding.Policy.Output, guarding.Findings, isJson: true)
            : _text ??= new TextScan(guarding.Policy.Output, guarding.Findings);
        scan.Reset();
        return scan;
    }

    public void Dispose()
    {
        _text?.Dispose();
        _json?.Dispose();
    }
}
