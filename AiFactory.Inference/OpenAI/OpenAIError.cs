using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.OpenAI;

/// <summary>An answer that refuses, in OpenAI's envelope: the one class that words them.</summary>
internal sealed record OpenAIError(int Status, ErrorBody Body, TimeSpan? RetryAfter = null)
{
    private const string InvalidRequest = "invalid_request_error";
    private const string ServerError = "server_error";
    private const string WorkerStopping = "worker_stopping";
    private const string EngineEnded = "engine_died";

    public static OpenAIError Invalid(string message, string? parameter, string? code = null) => new(400, new ErrorBody(message, InvalidRequest, parameter, code));

    public static OpenAIError Unsupported(string parameter, string what) =>
        Invalid($"'{parameter}' is not supported{what}.", parameter, "unsupported");

    /// <summary>In OpenAI's words: https://platform.openai.com/docs/guides/error-codes</summary>
    /// <param name="where">messages, prompt or input.</param>
    public static OpenAIError ContextLengthExceeded(int contextLength, int promptTokens, int completionTokens, string where) => Invalid(
        $"This model's maximum context length is {contextLength} tokens. However, you requested {(long)promptTokens + completionTokens} tokens " +
        $"({promptTokens} in the {where}, {completionTokens} in the completion). Please reduce the length of the {where} or completion.",
        where,
        "context_length_exceeded");

    public static OpenAIError InputTooLong(int contextLength, int tokens, string parameter) => Invalid(
        $"This model's maximum context length is {contextLength} tokens, however you requested {tokens} tokens in '{parameter}'. Please reduce your prompt.",
        parameter,
        "context_length_exceeded");

    /// <summary>Refused by its bytes alone, before it is tokenized: so many tokens of the vocabulary's longest would not hold it.</summary>
    public static OpenAIError TextTooLong(int contextLength, long bytes, long mostBytes, string parameter) => Invalid(
        $"This model's maximum context length is {contextLength} tokens. However, your {parameter} has {bytes} bytes of text; no more than {mostBytes} can fit. Please reduce its length.",
        parameter,
        "context_length_exceeded");

    /// <param name="here">What the caller may name instead.</param>
    public static OpenAIError ModelNotFound(string name, IEnumerable<string>? here = null)
    {
        const int MostNames = 50;
        var names = (here ?? []).Take(MostNames + 1).ToList();
        var instead = names.Count == 0 ? "" : $" Here are: {string.Join(", ", names.Take(MostNames))}{(names.Count > MostNames ? ", and others" : "")}.";
        return new(404, new ErrorBody($"The model '{name}' does not exist or you do not have access to it.{instead}", InvalidRequest, "model", "model_not_found"));
    }

    public static OpenAIError ModelNotReady(string name, string state) =>
        new(503, new ErrorBody($"The model '{name}' is not ready: {state}.", ServerError, "model", "model_not_ready"), TimeSpan.FromSeconds(2));

    /// <summary>Whether it goes or stays is not known yet.</summary>
    public static OpenAIError AdapterLeaving(string name) =>
        new(503, new ErrorBody($"The adapter '{name}' is being unloaded, or stays if its requests do not end in time. Please retry later.", ServerError, "model", "adapter_leaving"), TimeSpan.FromSeconds(2));

    /// <summary>The worker's store does not take the worker for who may read there: nothing that the caller could change.</summary>
    public static OpenAIError StoreRefused(string reason) => new(502, new ErrorBody(reason, ServerError, "lora_path", "store_refused"));

    public static OpenAIError StoreUnreachable(string reason) => new(503, new ErrorBody(reason, ServerError, "lora_path", "store_unreachable"), TimeSpan.FromSeconds(5));

    /// <summary>Another caller asked for the opposite before it was done.</summary>
    public static OpenAIError Overtaken(string name, string meanwhile) =>
        new(409, new ErrorBody($"The model '{name}' was asked to {meanwhile} meanwhile.", InvalidRequest, "model", "overtaken"));

    public static OpenAIError QueueFull(TimeSpan retryAfter) =>
        new(429, new ErrorBody("Too many requests are waiting for this model. Please retry later.", "rate_limit_error", null, "queue_full"), retryAfter);

    public static OpenAIError DeadlineExceeded(TimeSpan retryAfter) => new(
        503, new ErrorBody("The request waited for its turn until its deadline, and nothing was computed for it. Please retry later, or allow more time (x-slo-ttft-ms).", ServerError, null, "deadline_exceeded"), retryAfter);

    /// <summary>See <see cref="Stopping"/>.</summary>
    public bool IsStopping => Body.Code == WorkerStopping;

    public static OpenAIError Stopping() =>
        new(503, new ErrorBody("This worker is stopping. Please retry.", ServerError, null, WorkerStopping), TimeSpan.FromSeconds(1));

    /// <summary>See <see cref="EngineDied"/>.</summary>
    public bool IsEngineDied => Body.Code == EngineEnded;

    /// <summary>Its process ended before a word of the answer was there.</summary>
    public static OpenAIError EngineDied(string name) =>
        new(503, new ErrorBody($"The process of the model '{name}' ended more than once while it had this request. Please retry.", ServerError, null, EngineEnded), TimeSpan.FromSeconds(2));

    public static OpenAIError Failed(string reason) => new(500, new ErrorBody(reason, ServerError, null, "engine_error"));
}
