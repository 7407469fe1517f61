using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Images;

/// <summary>Bounds what answers with images take of the gateway's memory: each is whole there until its images are kept or given on, and all streams of all projects would end with the process.</summary>
internal sealed class ImagePlaces(IOptions<ImageOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _requests = new(options.Value.AtOnce);
    private readonly SemaphoreSlim _large = new(options.Value.LargeAtOnce);

    /// <summary>Null where as many are under way as may be. Nobody waits for that one: seconds or minutes pass until an image is made.</summary>
    public ImagePlace? TryEnter() => _requests.Wait(TimeSpan.Zero, CancellationToken.None) ? new ImagePlace(_requests, _large) : null;

    public void Dispose()
    {
        _requests.Dispose();
        _large.Dispose();
    }
}

/// <summary>One request's; given back when it has ended.</summary>
internal sealed class ImagePlace(SemaphoreSlim requests, SemaphoreSlim large) : IDisposable
{
    /// <summary>Up to here an answer is not large.</summary>
    private const int Small = 1 << 20;

    public bool IsLarge { get; private set; }

    /// <summary>An answer that has got large waits here, and its service with it, until fewer are: it is made and paid, and is not refused any more.</summary>
    public async ValueTask GrowAsync(long size, CancellationToken left)
    {
        if (size > Small && !IsLarge)
        {
            await large.WaitAsync(left);
            IsLarge = true;
        }
    }

    public void Dispose()
    {
        if (IsLarge)
        {
            large.Release();
        }

        requests.Release();
    }
}
