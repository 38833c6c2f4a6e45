namespace Sluice.Bench.Pictures;

/// <summary>Writes the pictures of the documents, each for a light and a dark page.</summary>
internal static class PictureFiles
{
    public static int Write(string page, string folder)
    {
        string text = File.ReadAllText(page);
        Directory.CreateDirectory(folder);
        foreach (Picture picture in Picture.All)
        {
            foreach (Theme theme in Theme.All)
            {
                string file = Path.Combine(folder, $"{picture.Name}-{theme.Name}.svg");
                File.WriteAllText(file, picture.Draw(text, theme));
                Console.WriteLine(file);
            }
        }

        return 0;
    }
}
