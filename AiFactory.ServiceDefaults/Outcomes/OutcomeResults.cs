using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Refusals = AiFactory.ServiceDefaults.Problems.Problems;

namespace AiFactory.ServiceDefaults.Outcomes;

/// <summary>Outcomes as HTTP answers.</summary>
public static class OutcomeResults
{
    public static Results<Ok<TResponse>, ProblemHttpResult> ToOk<T, TResponse>(this Outcome<T> outcome, Func<T, TResponse> map) =>
        outcome is Outcome<T>.Done { Value: var value } ? TypedResults.Ok(map(value)) : Problem(outcome);

    public static Results<Created<TResponse>, ProblemHttpResult> ToCreated<T, TResponse>(
        this Outcome<T> outcome, Func<T, TResponse> map, Func<TResponse, string> location)
    {
        if (outcome is not Outcome<T>.Done { Value: var value })
        {
            return Problem(outcome);
        }

        var response = map(value);
        return TypedResults.Created(location(response), response);
    }

    public static Results<NoContent, ProblemHttpResult> ToNoContent<T>(this Outcome<T> outcome) =>
        outcome is Outcome<T>.Done ? TypedResults.NoContent() : Problem(outcome);

    public static ProblemHttpResult Problem<T>(this Outcome<T> outcome) => outcome switch
    {
        Outcome<T>.Invalid invalid => Refusals.Validation(invalid.Errors),
        Outcome<T>.Missing missing => Refusals.NotFound(missing.Kind, missing.Id),
        Outcome<T>.Conflict conflict => Refusals.Conflict(conflict.Detail),
        Outcome<T>.Forbidden forbidden => Refusals.Forbidden(forbidden.Detail),
        Outcome<T>.TooMany many => Refusals.TooMany(many.Detail),
        _ => throw new InvalidOperationException($"{outcome.GetType().Name} is no problem."),
    };
}
