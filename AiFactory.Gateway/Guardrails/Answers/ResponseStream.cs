using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AiFactory.Gateway.Guardrails.Texts;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>
/// Events of <c>/v1/responses</c>: pieces of texts, and then, several times, each text whole.
/// <code>
/// data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hel","logprobs":[]}
/// data: {"type":"response.output_text.done","item_id":"msg_1","output_index":0,"content_index":0,"text":"Hello","logprobs":[]}
/// data: {"type":"response.completed","response":{"id":"resp_1","output":[...]}}
/// </code>
/// </summary>
internal sealed class ResponseStream(Guarding guarding) : AnswerStream(guarding)
{
    private const string Done = ".done";

    private static readonly byte[] Nothing = "[]"u8.ToArray();

    private readonly bool _hides = guarding.Policy.HoldsBack;

    protected override void Take(in AnswerEvent one)
    {
        var (type, item, part, delta) = Read(one);
        var texts = JsonTexts.Read(one.Data, TextShape.ResponseEvent);
        foreach (var (at, length, _) in _hides ? texts.Repeated : [])
        {
            Edit(at, length, Nothing);
        }

        // 1. A piece of a text; of sounds there is nothing to read.
        if (delta.Length > 0 && type.EndsWith(".delta", StringComparison.Ordinal))
        {
            if (!type.EndsWith("audio.delta", StringComparison.Ordinal))
            {
                var channel = Channel(item, PathOf(type, part), isJson: type.EndsWith("arguments.delta", StringComparison.Ordinal));
                (channel.Template, channel.Place) = (one.Raw.ToArray(), delta);
                if (!Put(one, channel, delta.At, delta.Length, isEnd: false))
                {
                    return;
                }
            }

            Write(one);
            return;
        }

        // 2. The end of texts, and texts whole.
        var isEnd = type is "response.completed" or "response.incomplete" or "response.failed";
        var ends = (AnswerChannel channel) => isEnd || (channel.Choice == item && IsEnded(channel.Path, type, part));
        if ((isEnd || type.EndsWith(Done, StringComparison.Ordinal)) && !(Flush(ends) && EndTexts(ends)))
        {
            return;
        }

        foreach (var place in texts.Places)
        {
            if (!PutWhole(one, place))
            {
                return;
            }
        }

        if (Heard is { HoldsToForm: true } heard && !Continue(heard.LookAtWhole(Edited(one))))
        {
            return;
        }

        Write(one);
    }

    /// <summary>What ends such a stream is the error.</summary>
    protected override void WriteStop()
    {
    }

    protected override void WriteRest(AnswerChannel channel, ReadOnlySpan<char> text)
    {
        var one = AnswerEvent.Read(channel.Template);
        var edits = new JsonEdits();
        edits.Add(channel.Place.At, channel.Place.Length, JsonText.Encode(text));
        var piece = edits.Apply(one.Data);

        // What repeats the last piece as tokens does not belong to this one.
        var again = new JsonEdits();
        foreach (var (at, length, _) in JsonTexts.Read(piece, TextShape.ResponseEvent).Repeated)
        {
            again.Add(at, length, Nothing);
        }

        one.Write(Output, again.Apply(piece));
    }

    /// <summary>
    /// Whether an event ends a text: the item's end all of its texts, a part's those of the part, and <c>response.output_text.done</c> the one of <c>response.output_text.delta</c> in its place.
    /// Another part of the same item may go on, and nothing of it is given out undecided.
    /// </summary>
    private static bool IsEnded(string path, string type, int part) =>
        type == "response.output_item.done"
        || path == PathOf($"{type[..^Done.Length]}.delta", part)
        || (type == "response.content_part.done" && path.EndsWith(PathOf("", part), StringComparison.Ordinal) && !path.Contains("summary", StringComparison.Ordinal))
        || (type == "response.reasoning_summary_part.done" && path == PathOf("response.reasoning_summary_text.delta", part));

    private static string PathOf(string type, int part) => string.Create(CultureInfo.InvariantCulture, $"{type}/{part}");

    private static (string Type, int Item, int Part, (int At, int Length) Delta) Read(in AnswerEvent one)
    {
        var reader = one.Open();
        var (type, item, part, delta) = ("", -1, -1, (0, 0));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isType, isItem, isDelta) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals("output_index"u8), reader.ValueTextEquals("delta"u8));
            var isPart = reader.ValueTextEquals("content_index"u8) || reader.ValueTextEquals("summary_index"u8);
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.String when isType:
                    type = System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
                    break;
                case JsonTokenType.String when isDelta:
                    delta = ((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);
                    break;
                case JsonTokenType.Number when isItem:
                    reader.TryGetInt32(out item);
                    break;
                case JsonTokenType.Number when isPart:
                    reader.TryGetInt32(out part);
                    break;
            }

            reader.Skip();
        }

        return (type, item, part, delta);
    }
}
