namespace Resp;

/// <summary>Patterns of keys and topics: *, ?, [abc], [^abc], [a-z], and \ before a character that stands for itself.</summary>
internal static class Glob
{
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        // Where to go on with one more character in the last star, so that no pattern takes more than the product of both lengths.
        int star = -1;
        int starText = 0;
        int p = 0;
        int t = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == (byte)'*')
            {
                star = p++;
                starText = t;
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, text[t]))
            {
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++starText;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].IndexOfAnyExcept((byte)'*') < 0;
    }

    private static bool MatchesOne(ReadOnlySpan<byte> pattern, ref int at, byte letter)
    {
        switch (pattern[at])
        {
            case (byte)'?':
                at++;
                return true;
            case (byte)'[':
                return MatchesSet(pattern, ref at, letter);
            case (byte)'\\' when at + 1 < pattern.Length:
                at += 2;
                return pattern[at - 1] == letter;
            default:
                return pattern[at++] == letter;
        }
    }

    private static bool MatchesSet(ReadOnlySpan<byte> pattern, ref int at, byte letter)
    {
        int i = at + 1;
        bool negated = i < pattern.Length && pattern[i] == (byte)'^';
        i += negated ? 1 : 0;
        bool found = false;
        for (; i < pattern.Length && pattern[i] != (byte)']'; i++)
        {
            if (i + 2 < pattern.Length && pattern[i + 1] == (byte)'-')
            {
                found |= letter >= pattern[i] && letter <= pattern[i + 2];
                i += 2;
            }
            else
            {
                found |= letter == pattern[i];
            }
        }

        at = Math.Min(i + 1, pattern.Length);
        return found != negated;
    }
}
