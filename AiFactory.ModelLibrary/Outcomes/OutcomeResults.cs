using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Outcomes;

/// <summary>Outcomes as HTTP answers.</summary>
internal static class OutcomeResults
{
    internal static Results<Ok<TResponse>, ProblemHttpResult> ToOk<T, TResponse>(this Outcome<T> outcome, Func<T, TResponse> map) =>
        outcome is Outcome<T>.Done { Value: var value } ? TypedResults.Ok(map(value)) : Problem(outcome);

    internal static Results<Created<TResponse>, ProblemHttpResult> ToCreated<T, TResponse>(
        this Outcome<T> outcome, Func<T, TResponse> map, Func<TResponse, string> location)
    {
        if (outcome is not Outcome<T>.Done { Value: var value })
        {
            return Problem(outcome);
        }

        var response = map(value);
        return TypedResults.Created(location(response), response);
    }

    internal static Results<NoContent, ProblemHttpResult> ToNoContent<T>(this Outcome<T> outcome) =>
        outcome is Outcome<T>.Done ? TypedResults.NoContent() : Problem(outcome);

    internal static ProblemHttpResult Problem<T>(this Outcome<T> outcome) => outcome switch
    {
        Outcome<T>.Invalid invalid => Problems.Validation(invalid.Errors),
        Outcome<T>.Missing missing => Problems.NotFound(missing.Kind, missing.Id),
        Outcome<T>.Conflict conflict => Problems.Conflict(conflict.Detail),
        Outcome<T>.Forbidden forbidden => Problems.Forbidden(forbidden.Detail),
        _ => throw new InvalidOperationException($"{outcome.GetType().Name} is no problem."),
    };
}
