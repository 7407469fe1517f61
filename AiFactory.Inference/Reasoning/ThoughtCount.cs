using AiFactory.Inference.Engine;

namespace AiFactory.Inference.Reasoning;

/// <summary>Counts the tokens that a model thinks with, those of its marks among them.</summary>
internal sealed class ThoughtCount(ThoughtReader reader)
{
    private int _seen;

    public int Tokens { get; private set; }

    public void Note(GenerationEvent next)
    {
        var (wasThinking, generated) = (reader.IsThinking, _seen);
        switch (next)
        {
            case GenerationEvent.Text text:
                reader.Append(text.Value);
                generated = text.Generated;
                break;
            case GenerationEvent.Finished end:
                generated = end.CompletionTokens;
                break;
        }

        Tokens += wasThinking || reader.IsThinking ? generated - _seen : 0;
        _seen = generated;
    }
}
