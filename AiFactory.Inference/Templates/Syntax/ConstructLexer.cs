namespace AiFactory.Inference.Templates.Syntax;

internal sealed partial class Lexer
{
    /// <summary>The inside of one <c>{{ }}</c> or <c>{% %}</c>, from behind its opening to behind its end.</summary>
    private sealed class ConstructLexer(Lexer lexer, bool isExpression)
    {
        private static readonly string[] Operators = ["//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "|", ".", ",", ":", "(", ")", "[", "]", "{", "}"];

        private readonly string _end = isExpression ? "}}" : "%}";
        private readonly Stack<char> _open = new();

        public void Run()
        {
            while (true)
            {
                SkipBlanks();
                if (lexer._position >= lexer._source.Length)
                {
                    throw lexer.Fail($"'{(isExpression ? "{{" : "{%")}' has no '{_end}'");
                }

                if (_open.Count == 0 && TryClose())
                {
                    return;
                }

                ReadToken();
            }
        }

        private bool TryClose()
        {
            var sign = lexer.SignAt(lexer._position);
            var end = lexer._position + (sign is null ? 0 : 1);
            if (string.CompareOrdinal(lexer._source, end, _end, 0, 2) != 0 || (sign == '+' && isExpression))
            {
                return false;
            }

            lexer.Add(isExpression ? TokenKind.ExpressionClose : TokenKind.StatementClose, "");
            lexer._position = end;
            lexer.Close(sign, !isExpression);
            return true;
        }

        private void ReadToken()
        {
            var (source, start) = (lexer._source, lexer._position);
            var first = source[start];
            if (first is '"' or '\'')
            {
                ReadString(first);
            }
            else if (char.IsAsciiDigit(first))
            {
                ReadNumber();
            }
            else if (char.IsLetter(first) || first == '_')
            {
                var end = start;
                while (end < source.Length && (char.IsLetterOrDigit(source[end]) || source[end] == '_'))
                {
                    end++;
                }

                Take(TokenKind.Name, end);
            }
            else
            {
                ReadOperator();
            }
        }

        private void ReadOperator()
        {
            var (source, start) = (lexer._source, lexer._position);
            var sign = Array.Find(Operators, candidate => string.CompareOrdinal(source, start, candidate, 0, candidate.Length) == 0)
                ?? throw lexer.Fail($"unexpected character '{source[start]}'");
            switch (sign)
            {
                case "(" or "[" or "{":
                    _open.Push(sign[0]);
                    break;
                case ")" or "]" or "}" when !_open.TryPop(out var open) || (open, sign[0]) is not (('(', ')') or ('[', ']') or ('{', '}')):
                    throw lexer.Fail($"unexpected '{sign}'");
            }

            Take(TokenKind.Operator, start + sign.Length);
        }

        private void ReadNumber()
        {
            var (source, end) = (lexer._source, lexer._position);
            var kind = TokenKind.Integer;
            SkipDigits();
            if (end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
            {
                kind = TokenKind.Float;
                end++;
                SkipDigits();
            }

            if (end < source.Length && source[end] is 'e' or 'E')
            {
                var exponent = end + (end + 1 < source.Length && source[end + 1] is '+' or '-' ? 2 : 1);
                if (exponent < source.Length && char.IsAsciiDigit(source[exponent]))
                {
                    kind = TokenKind.Float;
                    end = exponent;
                    SkipDigits();
                }
            }

            Take(kind, end);

            void SkipDigits()
            {
                while (end < source.Length && (char.IsAsciiDigit(source[end]) || source[end] == '_'))
                {
                    end++;
                }
            }
        }

        private void ReadString(char quote)
        {
            var (source, start) = (lexer._source, lexer._position);
            var end = start + 1;
            while (end < source.Length && source[end] != quote)
            {
                end += source[end] == '\\' ? 2 : 1;
            }

            if (end >= source.Length)
            {
                throw lexer.Fail("the string has no end");
            }

            lexer.Add(TokenKind.String, StringEscapes.Read(source.AsSpan(start + 1, end - start - 1)));
            lexer.Advance(end + 1);
        }

        private void Take(TokenKind kind, int end)
        {
            lexer.Add(kind, lexer._source[lexer._position..end]);
            lexer.Advance(end);
        }

        private void SkipBlanks()
        {
            var end = lexer._position;
            while (end < lexer._source.Length && char.IsWhiteSpace(lexer._source[end]))
            {
                end++;
            }

            lexer.Advance(end);
        }
    }
}
