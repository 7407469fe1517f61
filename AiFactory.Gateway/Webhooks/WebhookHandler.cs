using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Storage;

namespace AiFactory.Gateway.Webhooks;

/// <summary><c>/api/webhooks</c>: a project's secret, and what became of its messages.</summary>
internal sealed class WebhookHandler(WebhookSecrets secrets, WebhookStore store, WebhookSignal signal, TimeProvider time)
{
    private const int MostInList = 200;
    private const int InList = 50;

    public async Task<OpenAIError?> RotateAsync(HttpContext context, WorkCaller caller)
    {
        var created = await secrets.RotateAsync(caller, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(created, WebhookJson.Default.WebhookSecretCreated, cancellationToken: context.RequestAborted);
        return null;
    }

    public async Task<OpenAIError?> GetSecretAsync(HttpContext context, WorkCaller caller)
    {
        if (await secrets.FindAsync(caller.Project, context.RequestAborted) is not { } secret)
        {
            return WebhookErrors.NoSuchSecret;
        }

        await context.Response.WriteAsJsonAsync(secret, WebhookJson.Default.WebhookSecretResponse, cancellationToken: context.RequestAborted);
        return null;
    }

    public async Task<OpenAIError?> ListAsync(HttpContext context, WorkCaller caller)
    {
        if (ListQuery.Read(context.Request.Query, PublicId.Message, MostInList, InList, out var query) is { } error)
        {
            return error;
        }

        var state = context.Request.Query["state"] is [{ Length: > 0 } asked] ? asked : null;
        if (state is not (null or WebhookMessageRow.Waiting or WebhookMessageRow.Delivered or WebhookMessageRow.Parked))
        {
            return WebhookErrors.BadState;
        }

        var rows = await store.ListAsync(caller.Project, state, query.After, query.Ascending, query.Limit + 1, context.RequestAborted);
        var items = rows.Take(query.Limit).Select(WebhookMessageResponse.From).ToArray();
        await context.Response.WriteAsJsonAsync(
            new WebhookMessagePage(items, rows.Count > query.Limit ? items[^1].Id : null), WebhookJson.Default.WebhookMessagePage, cancellationToken: context.RequestAborted);
        return null;
    }

    public async Task<OpenAIError?> AgainAsync(HttpContext context, WorkCaller caller)
    {
        var id = context.Request.RouteValues["message"] as string ?? "";
        if (!PublicId.TryParse(PublicId.Message, id, out var known) || !await store.AgainAsync(caller.Project, known, time.GetUtcNow(), context.RequestAborted))
        {
            return WebhookErrors.NotFound(id);
        }

        signal.Signal.Raise();
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return null;
    }
}
