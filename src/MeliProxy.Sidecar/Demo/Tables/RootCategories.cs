using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Tables;

/// <summary>The categories without a parent.</summary>
internal static class RootCategories
{
    public static IReadOnlyList<CategoryEntry> All { get; } =
    [
        new(5725, 0, "Accesorios para Vehículos", "Acessórios para Veículos", "VEHICLE_ACCESSORIES", "vehicle_parts_accessories"),
        new(1512, 0, "Agro", "Agro", "FARM_SUPPLIES", "agro"),
        new(1403, 0, "Alimentos y Bebidas", "Alimentos e Bebidas", "FOODS_AND_DRINKS", "cpg"),
        new(1071, 0, "Animales y Mascotas", "Pet Shop", "PET_SUPPLIES", "cpg"),
        new(1367, 0, "Antigüedades y Colecciones", "Antiguidades e Coleções", "COLLECTIBLES", "other"),
        new(1368, 0, "Arte, Librería y Mercería", "Arte, Papelaria e Armarinho", "CRAFT_SUPPLIES", "home_industries"),
        new(1743, 0, "Autos, Motos y Otros", "Carros, Motos e Outros", "CARS_AND_VANS", "motors"),
        new(1384, 0, "Bebés", "Bebês", "BABY_PRODUCTS", "toys_babies"),
        new(1246, 0, "Belleza y Cuidado Personal", "Beleza e Cuidado Pessoal", "BEAUTY_PRODUCTS", "beauty_health"),
        new(1039, 0, "Cámaras y Accesorios", "Câmeras e Acessórios", "CAMERA_ACCESSORIES", "consumer_electronics"),
        new(1051, 0, "Celulares y Teléfonos", "Celulares e Telefones", "CELLPHONES", "consumer_electronics"),
        new(1648, 0, "Computación", "Informática", "COMPUTER_ACCESSORIES", "computers"),
        new(1144, 0, "Consolas y Videojuegos", "Games", "GAME_CONSOLES", "consumer_electronics"),
        new(1500, 0, "Construcción", "Construção", "CONSTRUCTION_SUPPLIES", "home_industries"),
        new(1276, 0, "Deportes y Fitness", "Esportes e Fitness", "SPORTING_GOODS", "sports"),
        new(5726, 0, "Electrodomésticos y Aires Ac.", "Eletrodomésticos", "HOME_APPLIANCES", "consumer_electronics"),
        new(1000, 0, "Electrónica, Audio y Video", "Eletrônicos, Áudio e Vídeo", "ELECTRONICS", "consumer_electronics"),
        new(2547, 0, "Entradas para Eventos", "Ingressos", "EVENT_TICKETS", "other"),
        new(407134, 0, "Herramientas", "Ferramentas", "TOOLS", "home_industries"),
        new(1574, 0, "Hogar, Muebles y Jardín", "Casa, Móveis e Decoração", "HOME_AND_GARDEN", "home_industries"),
        new(1499, 0, "Industrias y Oficinas", "Indústria e Comércio", "INDUSTRY_SUPPLIES", "home_industries"),
        new(1459, 0, "Inmuebles", "Imóveis", "REAL_ESTATE", "real_estate"),
        new(1182, 0, "Instrumentos Musicales", "Instrumentos Musicais", "MUSICAL_INSTRUMENTS", "other"),
        new(3937, 0, "Joyas y Relojes", "Joias e Relógios", "JEWELRY", "fashion"),
        new(1132, 0, "Juegos y Juguetes", "Brinquedos e Hobbies", "TOYS", "toys_babies"),
        new(3025, 0, "Libros, Revistas y Comics", "Livros, Revistas e Comics", "BOOKS", "media"),
        new(1168, 0, "Música, Películas y Series", "Música, Filmes e Seriados", "MUSIC_ALBUMS", "media"),
        new(1430, 0, "Ropa y Accesorios", "Calçados, Roupas e Bolsas", "CLOTHING", "fashion"),
        new(409431, 0, "Salud y Equipamiento Médico", "Saúde", "HEALTH_PRODUCTS", "beauty_health"),
        new(1540, 0, "Servicios", "Serviços", "SERVICES", "services"),
        new(9304, 0, "Souvenirs, Cotillón y Fiestas", "Festas e Lembrancinhas", "PARTY_SUPPLIES", "home_industries"),
        new(1953, 0, "Otras categorías", "Mais Categorias", "OTHERS", "other"),
    ];
}
