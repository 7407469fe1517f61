using AiFactory.Contracts;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Storage;
using AiFactory.Gateway.SubRequests;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Images;

/// <summary>
/// OpenAI's <c>POST /v1/images/generations</c>. The model's service is asked for the bytes, as any model is asked; a client that did not ask for them itself gets addresses of this gateway, which expire.
/// So no client sees where an image was made, and none needs a credential of the object storage.
/// </summary>
internal sealed partial class ImageHandler(
    OuterRequests requests, InferenceHandler inference, ImagePlaces places, IConfiguration configuration, IServiceProvider services, ILogger<ImageHandler> logger)
{
    /// <summary>Ten images of 4 MB, as text.</summary>
    private const int LargestAnswer = 64 * 1024 * 1024;

    private static OpenAIError Busy { get; } =
        OpenAIError.Of(StatusCodes.Status503ServiceUnavailable, "This gateway has as many requests for images under way as it takes (setting Images:AtOnce). Try again shortly.", "server_error", code: "images_busy") with
        {
            RetryAfter = TimeSpan.FromSeconds(2),
        };

    private readonly OpenAIError? _missing = StoredWork.Missing(configuration);

    public async Task InvokeAsync(HttpContext context)
    {
        // 1. Who asks, and what.
        var (document, caller, models, error) = await requests.ReadAsync(context);
        if (document is null || caller is null || models is null)
        {
            await (error is null ? Task.CompletedTask : OpenAIErrorWriter.WriteAsync(context, error));
            return;
        }

        using (document)
        {
            error = ImageRequest.Read(document.RootElement, out var request);
            var model = request.Model ?? "";
            error ??= request.Model is null ? Choose(models, caller, out model) : null;

            // 2. Where the image is to lie: known before it is made, and paid.
            error ??= request.WantsLink ? await MissingAsync(context) : null;
            using var place = error is null ? places.TryEnter() : null;
            if (place is null)
            {
                await (context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : RejectAsync(context, error ?? Busy));
                return;
            }

            // 3. The model, as any is asked: whether there is it, and for this caller, what rules make of the prompt, and what it costs, is found there.
            var deployment = models.Find(model);
            var answer = new WholeAnswer(LargestAnswer, place.GrowAsync);
            var inner = SubRequest.Create(context, Operation.Image, ImageRequest.Write(document.RootElement, model), answer, context.RequestAborted);
            try
            {
                await inference.InvokeAsync(inner, Operation.Image);
                await SubRequest.EndAsync(inner);
            }
            catch (IOException) when (answer.IsTooLarge)
            {
                // Said below.
            }

            if (!context.RequestAborted.IsCancellationRequested)
            {
                if (place.IsLarge)
                {
                    ClientPace.Ask(context);
                }

                await AnswerAsync(context, answer, request.WantsLink, ModelCallers.ProjectOf(context.Request, caller) ?? deployment?.Project ?? "");
            }
        }
    }

    /// <summary>A model is named, or there is but one.</summary>
    private static OpenAIError? Choose(ProjectRoutes models, Caller caller, out string model)
    {
        string[] fitting = [.. models.All.Where(one => one is { Route.Task: ModelTasks.Image, Replicas.Length: > 0 } && caller.Scope?.Lists(one.Name, ModelTasks.Image) != false).Select(one => one.Name)];
        model = fitting.FirstOrDefault() ?? "";
        return fitting.Length switch
        {
            0 => ImageRequest.Invalid("You must provide a model parameter, and there is no model that makes images for you to name: an upstream's model with the task 'image' is one.", "model", "missing_required_parameter"),
            1 => null,
            _ => ImageRequest.Invalid($"You must provide a model parameter: {string.Join(", ", fitting)} make images.", "model", "missing_required_parameter"),
        };
    }

    private async Task AnswerAsync(HttpContext context, WholeAnswer answer, bool wantsLink, string project)
    {
        answer.CopyHeaders(context.Response);
        using var parsed = ImageAnswer.Parse(answer);
        if (answer.Status >= StatusCodes.Status400BadRequest)
        {
            await (parsed is null ? OpenAIErrorWriter.WriteAsync(context, AnsweredError.Of(answer.Status, answer: null)) : WriteAsync(context, answer.Status, answer.Body));
            return;
        }

        if (parsed is null)
        {
            await RejectMadeAsync(context, OpenAIError.UpstreamBroke);
            return;
        }

        if (ImageAnswer.Read(parsed.RootElement, out var images) is { } unusable)
        {
            await RejectMadeAsync(context, unusable);
            return;
        }

        if (!wantsLink)
        {
            await WriteAsync(context, answer.Status, answer.Body);
            return;
        }

        // 4. Addresses in the place of bytes.
        var links = new List<string>(images.Count);
        try
        {
            var vault = services.GetRequiredService<ImageVault>();
            foreach (var (image, type) in images)
            {
                links.Add(await vault.KeepAsync(context.Request, project, image.GetBytesFromBase64(), type, context.RequestAborted));
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error) when (StoredWorkDoor.IsAway(error))
        {
            LogAway(logger, error, context.TraceIdentifier);
            await RejectMadeAsync(context, StoredWork.Unavailable("The images were made and cannot be kept: the gateway's database or object storage does not answer now. Ask for them as b64_json (response_format)."));
            return;
        }

        await WriteAsync(context, answer.Status, ImageAnswer.Write(parsed.RootElement, links));
    }

    private async Task<OpenAIError?> MissingAsync(HttpContext context)
    {
        if (Missing() is { } missing)
        {
            return missing;
        }

        try
        {
            await services.GetRequiredService<ImageVault>().TouchAsync(context.RequestAborted);
            return null;
        }
        catch (Exception error) when (StoredWorkDoor.IsAway(error) || context.RequestAborted.IsCancellationRequested)
        {
            if (!context.RequestAborted.IsCancellationRequested)
            {
                LogAway(logger, error, context.TraceIdentifier);
            }

            return StoredWork.Unavailable("The gateway's database or object storage, in which images are kept, does not answer now. Nothing was made: ask for them as b64_json (response_format), or try again shortly.");
        }
    }

    private OpenAIError? Missing() =>
        _missing is not null ? StoredWork.Unavailable($"{_missing.Body.Message} Images lie there too: ask for them as b64_json (response_format).", "not_configured")
        : services.GetRequiredService<MigrationState>().Problem is { } problem ? StoredWork.Unavailable($"The gateway's database is not there now. {problem}")
        : null;

    private static async Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Clients of OpenAI's ask again by themselves after any 5xx; that would make, and cost, the same again.</summary>
    private Task RejectMadeAsync(HttpContext context, OpenAIError error)
    {
        context.Response.Headers["x-should-retry"] = "false";
        return RejectAsync(context, error with { RetryAfter = null });
    }

    private Task RejectAsync(HttpContext context, OpenAIError error)
    {
        requests.Rejected(error);
        return OpenAIErrorWriter.WriteAsync(context, error);
    }

    [LoggerMessage(1741, LogLevel.Warning, "What images are kept in does not answer. Request {RequestId}")]
    private static partial void LogAway(ILogger logger, Exception error, string requestId);
}
