using System.Text.Json;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Oidc;

/// <summary>The identity provider's document and keys. The last ones hold while it is away.</summary>
internal sealed partial class OidcProvider(IHttpClientFactory clients, IOptions<OidcOptions> options, TimeProvider time, ILogger<OidcProvider> logger)
{
    public const string Client = "oidc";

    private const int MostKeys = 100;

    /// <summary>Of those that tokens name: whoever makes up more of them at once is not waited for.</summary>
    private const int MostUnknown = 1_000;

    private readonly string _authority = options.Value.Authority ?? "";
    private readonly Lock _lock = new();
    private volatile ProviderState? _state;
    private Task _asking = Task.CompletedTask;
    private Task? _askingLater;
    private long? _askedAt;

    /// <summary>Keys that tokens named since the last answer, and those that it was asked for and did not name.</summary>
    private HashSet<string> _wanted = new(StringComparer.Ordinal);
    private HashSet<string> _missing = new(StringComparer.Ordinal);

    public bool IsConfigured => _authority.Length > 0;

    /// <summary>Null until the provider has answered once.</summary>
    public ProviderState? State => _state;

    /// <summary>Why the last question came to nothing; null when it was answered.</summary>
    public string? Failure { get; private set; }

    /// <summary>
    /// Asks for the keys because of a token whose key is not known; done when there is an answer. Anybody can make up such a token, so it is not asked too often: who comes too early for
    /// another question waits for it, or those who make up keys could shut out whoever has a new one. Not so for a key that the last answer did not name.
    /// </summary>
    public Task AskForUnknownKeyAsync(string? keyId)
    {
        var key = keyId ?? "";
        lock (_lock)
        {
            var wait = _askedAt is { } at ? options.Value.UnknownKeyInterval - time.GetElapsedTime(at) : TimeSpan.Zero;
            if (wait > TimeSpan.Zero && _asking.IsCompleted && (_missing.Contains(key) || (_wanted.Count >= MostUnknown && !_wanted.Contains(key))))
            {
                return Task.CompletedTask;
            }

            if (_wanted.Count < MostUnknown)
            {
                _wanted.Add(key);
            }

            return wait <= TimeSpan.Zero || !_asking.IsCompleted ? Ask_NeedsLock() : _askingLater ??= AskLaterAsync(wait);
        }
    }

    /// <summary>Asks now, or waits for who does.</summary>
    public Task AskAsync()
    {
        lock (_lock)
        {
            return Ask_NeedsLock();
        }
    }

    private async Task AskLaterAsync(TimeSpan wait)
    {
        await Task.Delay(wait, time);
        Task asking;
        lock (_lock)
        {
            _askingLater = null;
            asking = Ask_NeedsLock();
        }

        await asking;
    }

    private Task Ask_NeedsLock()
    {
        if (_asking.IsCompleted)
        {
            _askedAt = time.GetTimestamp();
            _asking = Task.Run(RefreshAsync);
        }

        return _asking;
    }

    private async Task RefreshAsync()
    {
        try
        {
            // 1. The document, which may name another place for the keys than yesterday.
            var document = await GetAsync(new Uri($"{_authority.TrimEnd('/')}/{ProviderDocument.Path}"), root => ProviderDocument.Read(root, _authority));

            // 2. The keys. A set without any that can be used is a fault of the provider's, and no word to forget those that are known.
            var keys = await GetAsync(document.Keys, ReadKeys);
            if (keys.Count == 0)
            {
                throw new InvalidDataException($"its key set at {document.Keys} has no key for RS256, PS256 or ES256");
            }

            var known = _state;
            var isNew = known is null || !known.Keys.Select(key => key.Fingerprint).SequenceEqual(keys.Select(key => key.Fingerprint), StringComparer.Ordinal);
            _state = new ProviderState((known?.Version ?? 0) + (isNew ? 1 : 0), document, keys);
            if (isNew)
            {
                LogKeys(logger, _authority, string.Join(", ", keys.Select(key => key.Id)));
            }

            Failure = null;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or InvalidDataException or JsonException or OperationCanceledException or NotSupportedException)
        {
            var reason = error is OperationCanceledException ? $"it did not answer within {options.Value.Timeout.TotalSeconds:0.#} s (setting Oidc:Timeout)" : error.Message;
            if (Failure != reason)
            {
                LogAway(logger, _authority, reason, _state is null ? "tokens are refused until it answers" : "its last known keys hold");
            }

            Failure = reason;
        }

        lock (_lock)
        {
            (_missing, _wanted) = (_wanted, new HashSet<string>(StringComparer.Ordinal));
        }
    }

    private async Task<T> GetAsync<T>(Uri address, Func<JsonElement, T> read)
    {
        using var limit = new CancellationTokenSource(options.Value.Timeout);
        using var client = clients.CreateClient(Client);
        using var document = JsonDocument.Parse(await client.GetByteArrayAsync(address, limit.Token));
        return read(document.RootElement);
    }

    private static List<SigningKey> ReadKeys(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("keys"u8, out var keys) && keys.ValueKind == JsonValueKind.Array
            ? [.. keys.EnumerateArray().Take(MostKeys).Select(SigningKey.Read).OfType<SigningKey>()]
            : throw new InvalidDataException("its key set has no keys");

    [LoggerMessage(1901, LogLevel.Information, "Tokens of {Authority} are verified with the keys {Keys}")]
    private static partial void LogKeys(ILogger logger, string authority, string keys);

    [LoggerMessage(1902, LogLevel.Warning, "The identity provider {Authority} gave no keys ({Reason}): {Consequence}")]
    private static partial void LogAway(ILogger logger, string authority, string reason, string consequence);
}
