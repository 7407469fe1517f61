using AiFactory.Inference.Templates.Syntax;
using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Templates.Evaluation;

/// <summary>Python's arithmetic on 64 bits: <c>/</c> gives a float, <c>//</c> rounds down and <c>%</c> has the sign of its right side.</summary>
internal static class Numbers
{
    public static bool TryRead(TemplateValue value, out double number)
    {
        (var isNumber, number) = value switch
        {
            IntegerValue whole => (true, whole.Value),
            FloatValue real => (true, real.Value),
            BooleanValue truth => (true, truth.Value ? 1 : 0),
            _ => (false, 0d),
        };
        return isNumber;
    }

    public static bool TryReadWhole(TemplateValue value, out long number)
    {
        (var isWhole, number) = value switch
        {
            IntegerValue whole => (true, whole.Value),
            BooleanValue truth => (true, truth.Value ? 1 : 0),
            _ => (false, 0L),
        };
        return isWhole;
    }

    /// <summary>Null when one of the two is no number.</summary>
    public static TemplateValue? Calculate(BinaryOperator operation, TemplateValue left, TemplateValue right, RenderContext context)
    {
        if (!TryRead(left, out var x) || !TryRead(right, out var y))
        {
            return null;
        }

        if (y == 0 && operation is BinaryOperator.Divide or BinaryOperator.FloorDivide or BinaryOperator.Modulo && y == 0)
        {
            throw context.Fail("division by zero");
        }

        try
        {
            return operation != BinaryOperator.Divide && TryReadWhole(left, out var a) && TryReadWhole(right, out var b)
                ? Whole(operation, a, b)
                : Real(operation, x, y);
        }
        catch (OverflowException)
        {
            throw context.Fail("a whole number exceeds 64 bits");
        }
    }

    private static TemplateValue Whole(BinaryOperator operation, long a, long b) => operation switch
    {
        BinaryOperator.Add => new IntegerValue(checked(a + b)),
        BinaryOperator.Subtract => new IntegerValue(checked(a - b)),
        BinaryOperator.Multiply => new IntegerValue(checked(a * b)),
        BinaryOperator.FloorDivide => new IntegerValue(FloorDivide(a, b)),
        BinaryOperator.Modulo => new IntegerValue(Modulo(a, b)),
        _ when b < 0 => new FloatValue(Math.Pow(a, b)),
        _ => new IntegerValue(Power(a, b)),
    };

    private static FloatValue Real(BinaryOperator operation, double x, double y) => new(operation switch
    {
        BinaryOperator.Add => x + y,
        BinaryOperator.Subtract => x - y,
        BinaryOperator.Multiply => x * y,
        BinaryOperator.Divide => x / y,
        BinaryOperator.FloorDivide => Math.Floor(x / y),
        BinaryOperator.Modulo => x - (Math.Floor(x / y) * y),
        _ => Math.Pow(x, y),
    });

    private static long FloorDivide(long a, long b)
    {
        if (b == -1)
        {
            return checked(-a);
        }

        var quotient = a / b;
        return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private static long Modulo(long a, long b)
    {
        // The least number modulo -1 overflows in the processor.
        var rest = b == -1 ? 0 : a % b;
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }

    private static long Power(long value, long exponent)
    {
        if (value is 0 or 1)
        {
            return exponent == 0 ? 1 : value;
        }

        var result = 1L;
        for (var i = 0L; i < exponent; i++)
        {
            // Ends by the overflow after at most 63 turns, but for -1.
            result = checked(result * value);
            if (value == -1)
            {
                return exponent % 2 == 0 ? 1 : -1;
            }
        }

        return result;
    }
}
