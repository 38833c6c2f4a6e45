namespace Sluice.Scheduling;

/// <summary>Asks a clock that may be the user's, where nobody could be told that it throws.</summary>
internal static class ClockExtensions
{
    /// <summary>Gets the clock's timestamp; false if it throws.</summary>
    public static bool TryGetTimestamp(this TimeProvider clock, out long now)
    {
        try
        {
            now = clock.GetTimestamp();
            return true;
        }
        catch (Exception)
        {
            now = 0;
            return false;
        }
    }
}
