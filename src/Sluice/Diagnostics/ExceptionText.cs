namespace Sluice.Diagnostics;

/// <summary>Reads the messages of exceptions. That of a type of the user's is the user's code, and may throw.</summary>
internal static class ExceptionText
{
    /// <summary>Gets the message of an exception; the name of its type if the message cannot be had.</summary>
    public static string Of(Exception exception)
    {
        try
        {
            return exception.Message;
        }
        catch (Exception)
        {
            return exception.GetType().Name;
        }
    }
}
