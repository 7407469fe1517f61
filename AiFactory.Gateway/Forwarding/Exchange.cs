using System.Buffers;
using System.Diagnostics;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Forwarding;

/// <summary>One operation on its way: what was asked, by whom, and how far it has come. Its token ends with the client's leaving or with the time limit in force.</summary>
internal sealed class Exchange : IDisposable
{
    /// <summary>After how many events with content the meter is told first; then after twice as many each time.</summary>
    private const int FirstNote = 16;

    private readonly TimeProvider _time;
    private readonly TimeSpan _total;
    private readonly long _began;
    private CancellationTokenSource _limit;
    private bool _limitIsTotal;
    private CancellationTokenRegistration _left;
    private RequestBody _body;
    private UsageScanner _usage;
    private TokenEvents _tokens;
    private long _firstToken;
    private long _events;
    private long _nextNote = FirstNote;
    private bool _usageNoted;
    private long _asked;
    private bool _isOver;

    public Exchange(HttpContext context, Operation operation, Caller caller, Deployment deployment, RequestBody body, bool stream, Activity? span, TimeSpan total, TimeProvider time)
    {
        Context = context;
        Operation = operation;
        Caller = caller;
        Named = deployment;
        Deployment = deployment;
        Stream = stream;
        Span = span;
        _body = body;
        _time = time;
        _total = total;
        _usage.InParameters = operation.Body is not null;
        _usage.CountsImages = operation == Operation.Image;
        _began = time.GetTimestamp();
        (_limit, _left) = Begin();
    }

    public HttpContext Context { get; }

    public Operation Operation { get; private set; }

    public Caller Caller { get; }

    /// <summary>The one that the client named.</summary>
    public Deployment Named { get; }

    /// <summary>The one that answers: another than the named one where its traffic policy says so. Else it changes only while no replica could be had and a newer snapshot has come.</summary>
    public Deployment Deployment { get; set; }

    /// <summary>Whether the client asked for events.</summary>
    public bool Stream { get; }

    public Activity? Span { get; }

    /// <summary>The one that answered, or was asked last.</summary>
    public Replica? Replica { get; set; }

    /// <summary>How long no replica could be had.</summary>
    public TimeSpan Queued { get; set; }

    /// <summary>Told of what passes, where <see cref="Metered"/> says what of.</summary>
    public UsageMeter? Meter { get; init; }

    /// <summary>Null where nothing is metered.</summary>
    public MeteredRequest? Metered { get; set; }

    /// <summary>What is reserved of limits for it; null where none is about it.</summary>
    public Reservation? Reservation { get; set; }

    /// <summary>The one that is asked first, where it is chosen already: limits may be about it.</summary>
    public Deployment? First { get; set; }

    /// <summary>The one that the policy meant, where <see cref="First"/> is asked because that has no replica.</summary>
    public Guid Chosen { get; set; }

    /// <summary>The deployment that the traffic policy of <see cref="Named"/> chose, whoever stood in for it then; null where there is no policy.</summary>
    public Guid? Variant { get; set; }

    /// <summary>Why the policy chose that one.</summary>
    public VariantReason VariantReason { get; set; }

    /// <summary>The step of the rollout of <see cref="Named"/> in which <see cref="Variant"/> was chosen, by when it began; null where there is none.</summary>
    public DateTimeOffset? RolloutStep { get; set; }

    /// <summary>Whether a token of a stream has come.</summary>
    public bool HasBegun => Volatile.Read(ref _firstToken) != 0;

    /// <summary>How long its answer may get, as the client says.</summary>
    public OutputBound Bound { get; init; }

    /// <summary>Takes out what the client did not ask for; null where it gets all.</summary>
    public UsageEventFilter? Filter { get; init; }

    /// <summary>What the cache did for it.</summary>
    public CacheMark Cache { get; set; }

    /// <summary>Whether no model worked for its answer.</summary>
    public bool IsFromCache => Cache is CacheMark.Hit or CacheMark.Semantic;

    /// <summary>Whether it is made for another request, whose part it is: what it computes counts, and it is no request of its own.</summary>
    public bool IsPart { get; init; }

    /// <summary>What the request has reserved whose part it is; null where that is nothing.</summary>
    public Reservation? ReservedBefore { get; init; }

    /// <summary>How long one replica may take, where that is less than any may.</summary>
    public TimeSpan? MostOfAttempt { get; init; }

    /// <summary>Copies the answer as it passes; null where it is not kept.</summary>
    public AnswerCapture? Capture { get; set; }

    /// <summary>Makes the answer that the client gets of the one in <see cref="Capture"/>; null where it passes as it is. What it makes of none that it can read is null.</summary>
    public Func<byte[]?>? Rewrite { get; set; }

    /// <summary>Puts back what was taken out of the request because its answer is there already; null where nothing was.</summary>
    public Action? MakeWhole { get; set; }

    /// <summary>What rules say of it; null where there are none.</summary>
    public Guarding? Guarding { get; set; }

    /// <summary>Why that one was chosen.</summary>
    public ChoiceReason Choice { get; set; }

    /// <summary>How far the attempts have come.</summary>
    public Tries Tries { get; } = new();

    /// <summary>Why it failed, for telemetry; null while it has not.</summary>
    public string? Error { get; set; }

    public CancellationToken Token => _limit.Token;

    public bool ClientLeft => Context.RequestAborted.IsCancellationRequested;

    /// <summary>What models had to compute for it: nothing where the answer came from the cache, whatever usage that tells.</summary>
    public TokenUsage? Usage => IsFromCache ? new TokenUsage(0, 0) : Told is { } told ? UsageBound.Of(told, this) : null;

    /// <summary>The usage in the words of who answered, whether or not it can be.</summary>
    public TokenUsage? Told => _usage.Images > 0 ? (_usage.Usage ?? new TokenUsage(0, 0)) with { Images = _usage.Images } : _usage.Usage;

    /// <summary>The usage; until a stream has told it, its events with content, of which servers send one a token.</summary>
    public TokenUsage? UsageSoFar => Usage ?? (_events > 0 ? new TokenUsage(null, _events) : null);

    /// <summary>Where in <see cref="Body"/> the model's name stands.</summary>
    public ModelPlace ModelPlace { get; set; }

    /// <summary>What a replica is sent.</summary>
    public ArraySegment<byte> Body => Operation.Body ?? new(_body.Buffer, 0, _body.Length);

    /// <summary>Of <see cref="Body"/>, also when that is given back.</summary>
    public int BodyLength => Operation.Body?.Count ?? _body.Length;

    public OperationTimes Times => new(_time.GetElapsedTime(_began), _firstToken == 0 ? null : _time.GetElapsedTime(_began, _firstToken));

    /// <summary>Whether the time for the whole is up.</summary>
    public bool IsOverdue => Left <= TimeSpan.Zero || (_limitIsTotal && _limit.IsCancellationRequested && !ClientLeft);

    private TimeSpan Left => _total - _time.GetElapsedTime(_began);

    /// <summary>Puts other text into what replicas are sent, before any has been.</summary>
    public void Splice(int at, int removed, ReadOnlySpan<byte> text)
    {
        _body.Splice(at, removed, text);
        ModelPlace = at <= ModelPlace.At ? ModelPlace with { At = ModelPlace.At + text.Length - removed } : ModelPlace;
    }

    /// <summary>Puts other text into what replicas are sent, in several places, before any has been.</summary>
    public void Edit(JsonEdits edits)
    {
        if (Operation.Body is { } tensors)
        {
            Operation = Operation with { Body = edits.Apply(tensors) };
            return;
        }

        var length = edits.Length(_body.Length);
        var edited = ArrayPool<byte>.Shared.Rent(length);
        edits.Apply(_body.Span, edited);
        ModelPlace = edits.After(ModelPlace);
        _body.Replace(edited, length);
    }

    /// <summary>Whether a policy chooses by latency who answers it, so that what becomes of it tells whom to choose. What is a part of another request comes by no policy, and is shorter than what clients ask.</summary>
    public bool IsByLatency => !IsPart && Named.Route.Traffic is { Strategy: TrafficStrategies.Latency };

    /// <summary>From now on it waits for <see cref="Deployment"/>.</summary>
    public void BeginDeployment() => _asked = _time.GetTimestamp();

    /// <summary>Its first token is there, or the whole answer: the deployment took all of the time since it was turned to, whatever of it was its queue's, or its replicas' that failed or were overtaken.</summary>
    public void Answered(long now)
    {
        if (IsByLatency)
        {
            Deployment.Latency(Stream).Add(_time.GetElapsedTime(_asked, now), now, _time.TimestampFrequency);
            Deployment.Failing.Add(failed: false, now, _time.TimestampFrequency);
        }
    }

    /// <summary>The deployment failed it, or had no place for it. What the client is to blame for says nothing of it, nor an operation that its engine has not.</summary>
    public void CouldNotAnswer()
    {
        if (IsByLatency && Tries.Last is not ({ Kind: FailureKind.WithoutRoute } or { Final.Status: StatusCodes.Status400BadRequest }))
        {
            Deployment.Failing.Add(failed: true, _time.GetTimestamp(), _time.TimestampFrequency);
        }
    }

    /// <summary>How long a replica took to its first token, or at least.</summary>
    public void Took(Replica replica, TimeSpan time, long now) => replica.Latency(Stream).Add(time, now, _time.TimestampFrequency);

    /// <summary>Another deployment is asked, and all of it: its answer does not go together with a part of the first one's.</summary>
    public void FallBack(Deployment next)
    {
        MakeWhole?.Invoke();
        (Deployment, MakeWhole, Rewrite) = (next, null, null);
        BeginDeployment();
    }

    /// <summary>From now on the token ends after this time, unless the limit is set again, or with the time for the whole.</summary>
    public void Limit(TimeSpan time)
    {
        // Timers count in whole milliseconds and may be early by one: which limit it was is remembered.
        var left = Left;
        _limitIsTotal = left <= time;
        _limit.CancelAfter(time < left ? time : left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    /// <summary>No limit but that of the whole; the client's leaving still ends the token.</summary>
    public void Unlimit() => Limit(TimeSpan.MaxValue);

    /// <summary>A new token after a limit has passed, for a further attempt.</summary>
    public void Renew()
    {
        _left.Dispose();
        TokenSources.Return(_limit, _time);
        (_limit, _left) = Begin();
    }

    /// <summary>Looks at bytes of the answer as they pass.</summary>
    public void Observe(ReadOnlySpan<byte> bytes, bool events)
    {
        if (events && _tokens.Count(bytes) is var count and > 0)
        {
            _firstToken = _firstToken == 0 ? _time.GetTimestamp() : _firstToken;
            _events += count;
        }

        if (IsFromCache)
        {
            return;
        }

        Capture?.Add(bytes);
        _usage.Scan(bytes, events);
        var told = _usage.Usage is not null;
        if (_events >= _nextNote || (told && !_usageNoted))
        {
            _usageNoted = told;
            _nextNote = Math.Max(_nextNote, _events * 2);
            Meter?.Note(this);
        }
    }

    /// <summary>The answer has begun: nothing will be sent again, and a long stream need not hold the request.</summary>
    public void ReleaseBody() => _body.Dispose();

    public void Dispose()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _left.Dispose();
        TokenSources.Return(_limit, _time);
        _usage.End();
        Filter?.Dispose();
        Guarding?.Dispose();
        _body.Dispose();
    }

    private (CancellationTokenSource Limit, CancellationTokenRegistration Left) Begin()
    {
        var limit = TokenSources.Rent(_time);
        return (limit, Context.RequestAborted.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).Cancel(), limit)); // never null: the line above
    }
}
