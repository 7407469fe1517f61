using System.Text;
using AiFactory.Inference.Tools;

namespace AiFactory.Inference.Responses;

/// <summary>The items of one response, as the answer grows, and the events that tell a client of it.</summary>
/// <param name="newId">Makes an id of the prefix.</param>
/// <param name="isStream">Whether a client sees the items grow, so that none can be taken back.</param>
internal sealed class ResponseOutput(Func<string, string> newId, Func<string> newCallId, bool isStream)
{
    private const string Message = "message";
    private const string Reasoning = "reasoning";
    private const string InProgress = "in_progress";
    private const string Completed = "completed";
    private const string Incomplete = "incomplete";

    private readonly List<OutputItem> _items = [];
    private readonly StringBuilder _text = new();

    // The item that grows; its events are not all told.
    private OutputItem? _open;
    private int _sequence;

    public IReadOnlyList<OutputItem> Items => _items;

    /// <summary>Whether a call was told that is none.</summary>
    public bool HasBroken { get; private set; }

    public ResponseEvent Event(string type) => new(type, _sequence++);

    public IEnumerable<ResponseEvent> Add(ToolCallEvent found) => found switch
    {
        ToolCallEvent.Text text => AddText(text.Value),
        ToolCallEvent.Thought thought => AddThought(thought.Value),
        ToolCallEvent.Begun begun => [.. Close(Completed), .. Open(new OutputItem("function_call", newId("fc_"), InProgress) { CallId = newCallId(), Name = begun.Name, Arguments = "" })],
        ToolCallEvent.Arguments arguments => AddArguments(arguments.Piece),
        ToolCallEvent.Ended => Close(Completed),
        ToolCallEvent.Broken broken => Break(broken),
        _ => [],
    };

    /// <summary>Ends the item that grows; an answer without any gets an empty message, for clients take the first. One that was cut while the model thought has none.</summary>
    public IEnumerable<ResponseEvent> Finish(bool isWhole)
    {
        List<ResponseEvent> events = [.. isWhole && _open is { Type: Reasoning } ? Close(Completed) : []];
        events.AddRange(_open is null && _items.TrueForAll(item => item.Type == Reasoning) ? Open(NewMessage()) : []);
        return [.. events, .. Close(isWhole ? Completed : Incomplete)];
    }

    private IEnumerable<ResponseEvent> AddText(string text)
    {
        if (_open is not { Type: Message })
        {
            foreach (var next in Close(Completed).Concat(Open(NewMessage())))
            {
                yield return next;
            }
        }

        _text.Append(text);
        yield return OfItem("response.output_text.delta") with { ContentIndex = 0, Delta = text, Logprobs = [] };
    }

    private IEnumerable<ResponseEvent> AddThought(string text)
    {
        if (_open is not { Type: Reasoning })
        {
            foreach (var next in Close(Completed).Concat(Open(new OutputItem(Reasoning, newId("rs_"), InProgress) { Summary = [], Content = [] })))
            {
                yield return next;
            }
        }

        _text.Append(text);
        yield return OfItem("response.reasoning_text.delta") with { ContentIndex = 0, Delta = text };
    }

    private IEnumerable<ResponseEvent> AddArguments(string piece)
    {
        _text.Append(piece);
        return [OfItem("response.function_call_arguments.delta") with { Delta = piece }];
    }

    /// <summary>A call that nobody was told of is text; one that was streamed stays, and with it the whole response is incomplete.</summary>
    private IEnumerable<ResponseEvent> Break(ToolCallEvent.Broken broken)
    {
        if (broken.Index is null)
        {
            return AddText(broken.Raw);
        }

        if (!isStream)
        {
            _open = null;
            return AddText(broken.Raw);
        }

        HasBroken = true;
        return [.. Close(Incomplete), .. broken.Rest.Length > 0 ? AddText(broken.Rest) : []];
    }

    private OutputItem NewMessage() => new(Message, newId("msg_"), InProgress) { Role = "assistant", Content = [] };

    private List<ResponseEvent> Open(OutputItem item)
    {
        _open = item;
        _text.Clear();
        List<ResponseEvent> events = [Event("response.output_item.added") with { OutputIndex = _items.Count, Item = item }];
        if (item.Type is Message or Reasoning)
        {
            events.Add(OfItem("response.content_part.added") with { ContentIndex = 0, Part = Part(item, "") });
        }

        return events;
    }

    private List<ResponseEvent> Close(string status)
    {
        if (_open is not { } item)
        {
            return [];
        }

        var text = _text.ToString();
        var hasParts = item.Type is Message or Reasoning;
        List<ResponseEvent> events = item.Type switch
        {
            Message => [OfItem("response.output_text.done") with { ContentIndex = 0, Text = text, Logprobs = [] }],
            Reasoning => [OfItem("response.reasoning_text.done") with { ContentIndex = 0, Text = text }],
            _ => [OfItem("response.function_call_arguments.done") with { Name = item.Name, Arguments = text }],
        };
        if (hasParts)
        {
            events.Add(OfItem("response.content_part.done") with { ContentIndex = 0, Part = Part(item, text) });
        }

        var closed = hasParts ? item with { Status = status, Content = [Part(item, text)] } : item with { Status = status, Arguments = text };
        events.Add(Event("response.output_item.done") with { OutputIndex = _items.Count, Item = closed });
        _items.Add(closed);
        _open = null;
        return events;
    }

    private ResponseEvent OfItem(string type) => Event(type) with { ItemId = _open?.Id, OutputIndex = _items.Count };

    private static OutputText Part(OutputItem item, string text) => item.Type == Reasoning ? new("reasoning_text", text, null, null) : new("output_text", text, [], []);
}
