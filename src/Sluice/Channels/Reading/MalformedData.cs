namespace Sluice.Channels.Reading;

/// <summary>
/// Creates exceptions for malformed data from a peer. <see cref="InvalidDataException"/> is sealed, and applications throw it as well: those from
/// here carry a mark.
/// </summary>
internal static class MalformedData
{
    private static readonly object s_mark = new();

    public static InvalidDataException Exception(string message)
    {
        var exception = new InvalidDataException(message);
        exception.Data[s_mark] = s_mark;
        return exception;
    }

    /// <summary>Whether an exception was created here.</summary>
    public static bool IsOne(Exception exception) => exception is InvalidDataException && exception.Data.Contains(s_mark);
}
