namespace Sluice.Channels.Reading;

/// <summary>
/// What a peer sent is malformed. <see cref="InvalidDataException"/> is sealed and thrown by applications as well, so those that come from here
/// carry a mark.
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

    /// <summary>Whether it was made here.</summary>
    public static bool IsOne(Exception exception) => exception is InvalidDataException && exception.Data.Contains(s_mark);
}
